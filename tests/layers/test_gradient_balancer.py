"""Copies forward and a mixture backward, against sums that are written down."""

import keras
import numpy as np
import pytest
from balancing.linear_problem import LossesAsWeights
from forward import one_program
from helpers import gradient
from keras import ops

from keras_mtkd.layers.gradient_balancer import GradientBalancer

GENERATOR = np.random.default_rng(0)
SHARED = GENERATOR.normal(size=(4, 3)).astype("float32")
# Gradients of two objectives and of what is not balanced.
SENT = GENERATOR.normal(size=(3, 4, 3)).astype("float32")
LOSSES = np.array([2.0, -3.0], "float32")


def mixed(layer, scale=1.0, signal=True):
    """The gradient that the representation receives."""

    def total(shared):
        copies, zeros = layer(shared)
        value = sum(ops.sum(scale * g * copy) for g, copy in zip(SENT, copies, strict=False))
        if signal:
            value += ops.sum(zeros * scale * np.append(LOSSES, np.float32(1.0)))
        return value

    return gradient(one_program(total), SHARED)


@pytest.mark.parametrize("plain", [False, True])
def test_copies_and_a_signal_of_zeros(plain):
    copies, signal = GradientBalancer("mgda", 2, plain)(SHARED)
    assert len(copies) == 2 + plain
    for copy in copies:
        np.testing.assert_array_equal(copy, SHARED)
    np.testing.assert_array_equal(signal, np.zeros(3))


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("times_tasks", [False, True])
def test_the_representation_gets_the_mixture(plain, times_tasks):
    layer = GradientBalancer(LossesAsWeights(), 2, plain, times_tasks)
    factor = 2.0 if times_tasks else 1.0
    expected = factor * (LOSSES[0] * SENT[0] + LOSSES[1] * SENT[1]) + plain * SENT[2]
    np.testing.assert_allclose(mixed(layer), expected, rtol=1e-5, atol=1e-5)


def test_scaled_losses_give_scaled_gradients():
    """As under mixed precision: the weights see the losses as they are."""
    layer = GradientBalancer(LossesAsWeights(), 2)
    np.testing.assert_allclose(mixed(layer, 64.0), 64.0 * mixed(layer), rtol=1e-5, atol=1e-4)


def test_without_the_signal_methods_that_look_at_no_loss_weigh_all_the_same():
    layer = GradientBalancer("sum", 2)
    np.testing.assert_allclose(mixed(layer, signal=False), SENT[0] + SENT[1], rtol=1e-5, atol=1e-6)


def test_the_gradient_of_what_is_remembered_is_its_next_value():
    layer = GradientBalancer(LossesAsWeights(), 2)
    (variable,) = layer.trainable_variables
    variable.assign(10.0)

    def total(memory):
        with keras.StatelessScope([(variable, memory)]):
            copies, signal = layer(ops.convert_to_tensor(SHARED))
        value = sum(ops.sum(g * copy) for g, copy in zip(SENT, copies, strict=False))
        return value + ops.sum(signal * np.append(LOSSES, np.float32(1.0)))

    assert gradient(one_program(total), 10.0) == pytest.approx(10.0 + LOSSES.sum())


def test_config_makes_an_equal_layer():
    layer = GradientBalancer("cagrad", 3, True, True)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert (again.objectives, again.plain, again.times_tasks) == (3, True, True)
    assert again.method.get_config() == layer.method.get_config()


def test_loss_weightings_are_refused():
    with pytest.raises(TypeError, match="must combine gradients"):
        GradientBalancer("dwa", 2)
