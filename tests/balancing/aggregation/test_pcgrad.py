import numpy as np
import pytest
from balancing import gradient_oracles as oracles
from balancing.gradient_sets import difference, gradients, gram_of, step_of

from keras_mtkd import balancing

SIZES = (2, 3, 6)


@pytest.mark.traced
@pytest.mark.parametrize("tasks", SIZES)
def test_random_orders_are_a_surgery_of_some_order(tasks):
    found = gradients(3, tasks)
    method = balancing.PCGrad(seed=5)
    rng, steps = np.random.default_rng(0), step_of(method)
    state, seen = method.initial_state(tasks), set()
    possible = [
        oracles.surgery(found, [rng.permutation(tasks) for _ in range(tasks)]) for _ in range(400)
    ]
    for _ in range(6):
        weights, state = steps(gram_of(found), None, state)
        seen.add(tuple(np.round(weights, 4)))
        if tasks <= 3:
            assert min(difference(weights @ found, each) for each in possible) < 1e-4
    assert int(state["step"]) == 6
    assert (len(seen) > 1) == (len({tuple(np.round(each, 4)) for each in possible}) > 1)
