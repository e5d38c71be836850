import numpy as np
import pytest
from balancing.loss_sets import TASKS, losses, start, step

from keras_mtkd import balancing


@pytest.mark.traced
def test_random_weights_are_those_of_normal_draws():
    method, state, seen = balancing.RLW(seed=3), start(balancing.RLW()), []
    for _ in range(400):
        weights, state = step(method, losses(0)[0], state)
        seen.append(weights)
    logs = np.log(seen)
    centred = logs - logs.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(np.sum(seen, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(centred.mean(axis=0), 0, atol=0.1)
    np.testing.assert_allclose(centred.var(axis=0), 1 - 1 / TASKS, atol=0.15)
    assert centred.var() == pytest.approx(1 - 1 / TASKS, abs=0.06)
    assert len(np.unique(np.round(seen, 6), axis=0)) == 400
    assert abs(np.corrcoef(centred[1:, 0], centred[:-1, 0])[0, 1]) < 0.15


@pytest.mark.traced
def test_random_weights_depend_on_seed_and_step_only():
    def draw(seed, number, values):
        state = {"step": np.array(number, "int32")}
        return step(balancing.RLW(seed), values, state)[0]

    one = draw(3, 7, losses(0)[0])
    np.testing.assert_array_equal(one, draw(3, 7, losses(1)[0]))
    assert np.abs(one - draw(4, 7, losses(0)[0])).max() > 1e-3
    assert np.abs(one - draw(3, 8, losses(0)[0])).max() > 1e-3
    eager, _ = balancing.RLW(3).step(losses(0)[0], {"step": np.array(7, "int32")})
    np.testing.assert_allclose(one, np.asarray(eager), rtol=1e-6)
