import numpy as np
import pytest
from balancing import loss_oracles as oracles
from balancing.loss_gradients import AT, gradient_of_objective, losses_at
from balancing.loss_sets import losses, start, step
from balancing.published import LIBMTL

from keras_mtkd import balancing


@pytest.mark.parametrize(("rate", "decay"), [(0.025, 0.01), (0.3, 0.0)])
def test_fast_adaptive_weights_over_steps(rate, decay):
    method, steps = balancing.FAMO(rate, decay), losses(4, 12).astype("float64")
    state = start(method)
    for values, expected in zip(steps, oracles.fast_adaptive(steps, rate, decay), strict=True):
        weights, state = step(method, values, state)
        np.testing.assert_allclose(weights, expected, rtol=1e-3)
        assert weights.sum() == pytest.approx(1, rel=1e-5)


def test_fast_adaptive_weights_are_the_published_ones():
    case, method = LIBMTL["famo"], balancing.FAMO()
    state = start(method)
    for values, expected in zip(case["steps"], case["weights"], strict=True):
        weights, state = step(method, values, state)
        np.testing.assert_allclose(weights, expected, rtol=1e-4)


def test_gradient_is_that_of_the_adaptive_logarithms():
    logits = np.array([0.3, -0.2, 0.1])
    shares = oracles.softmax(logits)
    objective = oracles.adaptive_objective(shares, losses_at(AT))
    state = start(balancing.FAMO()) | {"logits": logits.astype("float32")}
    expected = oracles.derivative(lambda x: objective(losses_at(x)), AT)
    np.testing.assert_allclose(gradient_of_objective(balancing.FAMO(), state), expected, rtol=1e-4)
