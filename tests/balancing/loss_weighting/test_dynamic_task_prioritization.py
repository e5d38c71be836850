import numpy as np
import pytest
from balancing import loss_oracles as oracles
from balancing.loss_sets import TASKS, after_epochs, losses, start

from keras_mtkd import balancing


def test_priorities_follow_logged_indicators():
    names = ["a", "b", "c"]
    method = balancing.DynamicTaskPrioritization(names, gamma=2.0, alpha=0.3)
    rng = np.random.default_rng(0)
    indicators = rng.uniform(0.1, 0.95, (4, TASKS))
    logs = [dict(zip(names, each, strict=True)) for each in indicators]
    weights, state = after_epochs(method, [losses(seed, 1) for seed in range(4)], logs)
    np.testing.assert_array_equal(weights[0], np.ones(TASKS))
    for number, found in enumerate([*weights[1:], state["weights"]], start=1):
        expected = oracles.prioritised(indicators[:number], 2.0, 0.3)
        np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_priorities_without_indicators_follow_losses():
    epochs = [losses(seed, 2) / 5 for seed in range(3)]
    _, state = after_epochs(balancing.DynamicTaskPrioritization(), epochs)
    indicators = [np.exp(-epoch.mean(axis=0, dtype="float64")) for epoch in epochs]
    expected = oracles.prioritised(indicators, 1.0, 0.5)
    np.testing.assert_allclose(state["weights"], expected, rtol=1e-4)


def test_priorities_at_the_ends_of_the_scale():
    method = balancing.DynamicTaskPrioritization(["a", "b", None], gamma=1.0)
    _, state = after_epochs(method, [[[1.0, 1.0, 0.0]]], [{"a": 1.7, "b": 0.0}])
    np.testing.assert_allclose(state["weights"], [0.0, 0.999 * np.log(1e3), 1.0], rtol=1e-5)


def test_indicators_that_are_not_logged_are_named():
    method = balancing.DynamicTaskPrioritization(["val_a_accuracy", None, None])
    with pytest.raises(ValueError, match=r"logs: \['loss'\]. Received: 'val_a_accuracy'"):
        method.end_epoch(start(method), {"loss": 1.0})
