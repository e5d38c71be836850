import numpy as np
import pytest
from balancing import gradient_oracles as oracles
from balancing.gradient_sets import gradients, gram_of, step_of

from keras_mtkd import balancing


@pytest.mark.traced
def test_moving_average_of_lengths():
    method = balancing.MultiBalance(beta=0.75)
    steps, state = step_of(method), method.initial_state(3)
    average = None
    for seed in range(4):
        found = gradients(seed, 3, scales=seed > 1)
        now = oracles.lengths(found)
        average = now if average is None else 0.75 * average + 0.25 * now
        weights, state = steps(gram_of(found), None, state)
        np.testing.assert_allclose(weights, average.mean() / average, rtol=1e-5)
