import numpy as np
import pytest
from balancing import loss_oracles as oracles
from balancing.loss_sets import TASKS, after_epochs, losses
from balancing.published import LIBMTL

from keras_mtkd import balancing


@pytest.mark.parametrize("temperature", [2.0, 0.5])
def test_dynamic_average_of_epochs(temperature):
    method = balancing.DWA(temperature)
    epochs = [losses(seed, 2) for seed in range(6)]
    weights, _ = after_epochs(method, epochs)
    means = [epoch.mean(axis=0, dtype="float64") for epoch in epochs]
    for number, found in enumerate(weights):
        expected = oracles.dynamic_average(means[:number], temperature)
        np.testing.assert_allclose(found, expected * np.ones(TASKS), rtol=1e-5)
        assert found.sum() == pytest.approx(TASKS, rel=1e-5)


def test_dynamic_average_counts_only_steps_with_a_loss():
    first, second = np.ones((2, TASKS)), np.array([[0.5, 0.0, 1.0], [0.5, 0.5, 0.0]])
    _, state = after_epochs(balancing.DWA(), [first, second])
    expected = oracles.dynamic_average([np.ones(3), np.array([0.5, 0.5, 1.0])], 2.0)
    np.testing.assert_allclose(state["weights"], expected, rtol=1e-5)


def test_dynamic_average_takes_a_task_without_two_epochs_for_unchanged():
    missing = np.array([[0.5, 0.0, 1.0]])
    _, state = after_epochs(balancing.DWA(), [np.ones((1, TASKS)), missing])
    expected = oracles.dynamic_average([np.ones(3), np.array([0.5, 1.0, 1.0])], 2.0)
    np.testing.assert_allclose(state["weights"], expected, rtol=1e-5)


def test_dynamic_average_is_the_published_one():
    case = LIBMTL["dwa"]
    weights, _ = after_epochs(balancing.DWA(), [[values] for values in case["epochs"]])
    np.testing.assert_allclose(weights, case["weights"], rtol=1e-5)
