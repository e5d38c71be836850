"""Gradients to try methods on, and methods as compiled functions."""

import functools

import keras
import numpy as np

from keras_mtkd import balancing

SCALES = (1.0, 1e-3, 1e3)


def gradients(seed, tasks, scales=False, parameters=8):
    """Random gradients; with `scales` of lengths from 1e-3 to 1e3."""
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(tasks, parameters)) + 0.3 * rng.normal(size=parameters)
    if scales:
        found *= 10 ** np.linspace(-3, 3, tasks)[:, None]
    return found


def gram_of(found):
    return (found @ found.T).astype("float32")


def compiled(function):
    """A function of the backend's compiler, from arrays to arrays."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        function = tf.function(function)
    else:
        import jax

        function = jax.jit(function)
    return lambda *args: keras.tree.map_structure(
        keras.ops.convert_to_numpy,
        function(*keras.tree.map_structure(_tensor, args)),
    )


def _tensor(value):
    return value if value is None else keras.ops.convert_to_tensor(value)


@functools.cache
def _compiled_step(name, arguments):
    return compiled(getattr(balancing, name)(**dict(arguments)).step)


def step_of(method):
    """`method.step`, compiled once for all methods with these arguments."""
    return _compiled_step(type(method).__name__, tuple(method.get_config().items()))


def weights_of(method, found, losses=None):
    """Weights of the first step, from a compiled function."""
    state = method.initial_state(len(found))
    return step_of(method)(gram_of(found), losses, state)[0].astype("float64")


def update(method, found, *losses):
    """`Σ wᵢ gᵢ`, with weights from a compiled function."""
    return weights_of(method, found, *losses) @ found


def difference(one, other, scale=None):
    """Length of the difference over that of the second, or over the scale."""
    return np.linalg.norm(one - other) / (np.linalg.norm(other) if scale is None else scale)


def pairs():
    """Two gradients at several angles and ratios of lengths."""
    for angle in (0.3, 1.2, 1.9, 2.8):
        for ratio in (1e-3, 0.5, 1.0, 30.0):
            yield np.array([[1.0, 0.0], [ratio * np.cos(angle), ratio * np.sin(angle)]])
