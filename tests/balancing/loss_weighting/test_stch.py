import numpy as np
import pytest
from balancing import loss_oracles as oracles
from balancing.loss_gradients import AT, gradient_of_objective, losses_at
from balancing.loss_sets import after_epochs, losses, start, step
from balancing.published import LIBMTL

from keras_mtkd import balancing


@pytest.mark.parametrize("mu", [1.0, 0.3])
def test_smooth_maximum_after_the_nadir(mu):
    epochs = [losses(seed, 3).astype("float64") for seed in range(4)]
    method = balancing.STCH(mu, warmup_epochs=1)
    weights, state = after_epochs(method, epochs)
    nadir = epochs[1].mean(axis=0)
    np.testing.assert_allclose(state["nadir"], nadir, rtol=1e-5)
    for number, found in enumerate(weights):
        last = epochs[number][-1]
        after = oracles.derivative(lambda at: oracles.smooth_tchebycheff(at, nadir, mu), last)
        before = oracles.derivative(lambda at: np.sum(np.log(at)), last)
        np.testing.assert_allclose(found, after if number > 1 else before, rtol=1e-4)


def test_smooth_maximum_finds_the_nadir_of_a_late_task_later():
    method, late = balancing.STCH(1.0, warmup_epochs=0), losses(1, 2)
    _, state = after_epochs(method, [losses(0, 2) * [1, 0, 1], late, losses(2, 2)])
    expected = losses(0, 2).mean(axis=0)
    expected[1] = late.mean(axis=0)[1]
    np.testing.assert_allclose(state["nadir"], expected, rtol=1e-5)


@pytest.mark.parametrize("mu", [1.0, 0.3])
def test_smooth_maximum_is_the_published_one(mu):
    case, method = LIBMTL[f"stch_{mu}"], balancing.STCH(mu, warmup_epochs=1)
    state = start(method)
    for epoch, published in zip(case["epochs"], case["weights"], strict=True):
        for values, expected in zip(epoch, published, strict=True):
            weights, state = step(method, values, state)
            np.testing.assert_allclose(weights, expected, rtol=1e-4)
        state = method.end_epoch(state)


@pytest.mark.parametrize("mu", [1.0, 0.2])
def test_gradient_is_that_of_the_smooth_maximum(mu):
    method, nadir = balancing.STCH(mu), np.array([0.2, 0.5, 30.0])
    state = start(method) | {"epoch": np.array(9, "int32"), "nadir": nadir.astype("float32")}
    expected = oracles.derivative(lambda x: oracles.smooth_tchebycheff(losses_at(x), nadir, mu), AT)
    np.testing.assert_allclose(gradient_of_objective(method, state), expected, rtol=1e-4)


def test_gradient_before_the_nadir_is_that_of_the_logarithms():
    expected = oracles.derivative(lambda x: np.sum(np.log(losses_at(x))), AT)
    found = gradient_of_objective(balancing.STCH(), start(balancing.STCH()))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
