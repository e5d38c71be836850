import numpy as np
import pytest
from balancing import gradient_oracles as oracles
from balancing.gradient_sets import difference, gradients, pairs, update

from keras_mtkd import balancing

SIZES = (2, 3, 6)


@pytest.mark.traced
@pytest.mark.parametrize("tasks", SIZES)
def test_shared_direction_or_the_fallback(tasks):
    kept = 0
    for seed in range(5):
        found = gradients(seed, tasks)
        shared = oracles.shared_direction(found)
        mean = found.mean(axis=0)
        kept += shared is not None
        for fallback, other in (("mean", mean), ("min_norm", None)):
            expected = shared if shared is not None else other
            if expected is None:
                expected = oracles.min_norm(found)
            assert difference(update(balancing.GDOD(fallback), found), expected) < 1e-3
    assert kept


@pytest.mark.traced
def test_shared_direction_is_missing_for_some_gradients():
    missing = [oracles.shared_direction(gradients(seed, 3)) is None for seed in range(60)]
    first = missing.index(True)
    found = gradients(first, 3)
    assert difference(update(balancing.GDOD("mean"), found), found.mean(axis=0)) < 1e-5


@pytest.mark.traced
def test_two_tasks_keep_exactly_one_direction():
    for found in pairs():
        step = update(balancing.GDOD(), found)
        left, _, right = np.linalg.svd(found, full_matrices=False)
        coherent = np.nonzero(np.prod(np.sign(left), axis=0) > 0)[0]
        assert len(coherent) == 1
        across = step - (step @ right[coherent[0]]) * right[coherent[0]]
        assert np.linalg.norm(across) < 1e-3 * np.linalg.norm(step)
