import numpy as np
import pytest
from balancing import gradient_oracles as oracles
from balancing.gradient_sets import difference, gradients, gram_of, step_of

from keras_mtkd import balancing


@pytest.mark.traced
def test_tensioners_pull_once_their_window_is_full():
    method, tasks = balancing.CDTT(alpha=0.6, window=3), 3
    steps, state = step_of(method), method.initial_state(tasks)
    history, pulled = [], 0
    for seed in range(8):
        found = gradients(seed, tasks) * (1 + seed)
        losses = np.random.default_rng(seed).uniform(0.1, 3.0, tasks)
        history.append(oracles.lengths(found))
        weights, state = steps(gram_of(found), losses.astype("float32"), state)
        expected = oracles.equiangular(found)
        if len(history) > 3:
            growth = np.sum(history[-3:], axis=0) / np.sum(history[-4:-1], axis=0)
            base, expected = expected, oracles.tensioned(found, losses, growth, 0.6)
            pulled += difference(expected, base) > 1e-3
        assert difference(weights @ found, expected) < 2e-3
    assert pulled == 5


EQUAL_LENGTHS = np.array([[1.0, 0.0], [0.6, 0.8]])


def test_equal_lengths_and_losses_of_two_give_equal_weights_with_tension():
    method, state = balancing.CDTT(window=2), balancing.CDTT(window=2).initial_state(2)
    gram = (EQUAL_LENGTHS @ EQUAL_LENGTHS.T).astype("float32")
    for _ in range(4):
        weights, state = step_of(method)(gram, np.ones(2, "float32"), state)
        assert float(weights[0]) == pytest.approx(float(weights[1]), rel=1e-4)
