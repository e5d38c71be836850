import numpy as np
import pytest
from balancing import loss_oracles as oracles
from balancing.loss_sets import TASKS, after_epochs, losses, start

from keras_mtkd import balancing


@pytest.mark.parametrize(("temperature", "clip"), [(0.1, None), (1.0, None), (1.0, 1.2)])
def test_online_weights_of_epochs(temperature, clip):
    reference = [0.5, 1.0, 2.0]
    method = balancing.OnlineTaskWeighting(reference, temperature, clip)
    epochs = [losses(seed, 2) for seed in range(3)]
    weights, _ = after_epochs(method, epochs)
    np.testing.assert_array_equal(weights[0], np.ones(TASKS))
    for found, epoch in zip(weights[1:], epochs, strict=False):
        mean = epoch.mean(axis=0, dtype="float64")
        expected = oracles.online(mean, reference, temperature, clip or np.inf)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_online_weights_of_tasks_that_are_missing():
    method = balancing.OnlineTaskWeighting([1.0, 1.0, 1.0], temperature=1.0)
    seen, state = after_epochs(method, [[[0.5, 0.0, 1.0]], [[0.5, 2.0, 0.0]]])
    np.testing.assert_array_equal(seen[0], np.ones(TASKS))
    np.testing.assert_allclose(seen[1], oracles.online(np.array([0.5, 0.75, 1]), 1, 1), rtol=1e-5)
    np.testing.assert_allclose(
        state["weights"], oracles.online(np.array([0.5, 2, 1]), 1, 1), rtol=1e-5
    )


def test_online_references_may_be_replaced_in_the_state():
    method = balancing.OnlineTaskWeighting([1.0, 1.0, 1.0], temperature=1.0)
    state = start(method) | {"reference": np.array([0.5, 1.0, 2.0], "float32")}
    _, state = after_epochs(method, [[[0.4, 1.0, 2.6]]], state=state)
    np.testing.assert_allclose(
        state["weights"], oracles.online(np.array([0.8, 1, 1.3]), 1, 1), rtol=1e-5
    )
