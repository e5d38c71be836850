import numpy as np
import pytest
from balancing import loss_oracles as oracles
from balancing.loss_gradients import AT, gradient_of_objective, losses_at
from balancing.loss_sets import losses, step
from balancing.published import LIBMTL

from keras_mtkd import balancing


def test_geometric_mean():
    for seed in range(5):
        values = losses(seed)[0].astype("float64")
        weights, _ = step(balancing.GLS(), values, {})
        assert weights @ values == pytest.approx(oracles.geometric_mean(values), rel=1e-5)
        expected = oracles.derivative(oracles.geometric_mean, values)
        np.testing.assert_allclose(weights, expected, rtol=1e-5)


def test_geometric_mean_is_the_published_one():
    case = LIBMTL["gls"]
    weights = balancing.GLS().weights(np.array(case["losses"]))
    np.testing.assert_allclose(weights, case["weights"], rtol=1e-5)


def test_gradient_is_that_of_the_geometric_mean():
    expected = oracles.derivative(lambda x: oracles.geometric_mean(losses_at(x)), AT)
    np.testing.assert_allclose(gradient_of_objective(balancing.GLS(), {}), expected, rtol=1e-5)
