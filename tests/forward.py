"""Models called outside of a distiller, and made, without a program for every operation on JAX."""

import contextlib
import functools

import keras
import numpy as np
import pytest
from helpers import BACKEND


def one_program(function):
    """The function, on JAX compiled as a whole: outside of a program every operation is one."""
    if BACKEND == "tensorflow":
        return function
    import jax

    return jax.jit(lambda *arguments: function(*arguments))


def answers(model, x, training=False):
    """`model(x, training=training)` as one program, in NumPy."""
    if BACKEND == "tensorflow":
        outputs = model(x, training=training)
    else:
        import jax

        call = functools.partial(model.stateless_call, training=training)
        outputs, _ = jax.jit(call)(*_values(model), x)
    return keras.tree.map_structure(np.asarray, outputs)


def gradients(model, x, objective, *arguments):
    """Gradients of a scalar at the trainable variables of a model that is called in training.

    Args:
        model: The model.
        x: Its inputs.
        objective: Function of its outputs and `arguments`, gives the scalar and anything else.
        arguments: Arrays, which do not become part of the program.

    Returns:
        The scalar, what else `objective` gives, the outputs, and the gradients in the order of
        `model.trainable_variables`.
    """
    if BACKEND == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            total, others = objective(outputs, *arguments)
        found = tape.gradient(total, [variable.value for variable in model.trainable_variables])
        return total, others, outputs, found
    import jax

    def forward(trained, fixed, x, arguments):
        outputs, _ = model.stateless_call(trained, fixed, x, training=True)
        total, others = objective(outputs, *arguments)
        return total, (others, outputs)

    step = jax.jit(jax.value_and_grad(forward, has_aux=True))
    (total, (others, outputs)), found = step(*_values(model), x, arguments)
    return total, others, outputs, found


def _values(model):
    groups = model.trainable_variables, model.non_trainable_variables
    return [[variable.value for variable in group] for group in groups]


@contextlib.contextmanager
def weights_of_numpy(scale=1.0):
    """NumPy draws the first weights, and JAX needs no program for every shape.

    Args:
        scale: Factor on Glorot's deviation; with 0 nothing is drawn, for models of which only
            shapes matter or whose weights are assigned.
    """

    def draw(self, shape, dtype=None):
        dtype = keras.backend.standardize_dtype(dtype or keras.config.floatx())
        if not scale:
            return np.zeros(shape, dtype)
        deviation = np.sqrt(2 / (np.prod(shape[:-2]) * sum(shape[-2:])))
        return np.random.normal(scale=scale * deviation, size=shape).astype(dtype)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.initializers.VarianceScaling, "__call__", draw)
        yield
