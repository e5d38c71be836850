"""Gradients of functions of arrays, compiled, on the active backend.

Keras has no interface for this; it is the one thing here that each backend does its own way.
"""

from collections.abc import Callable
from typing import Any

import keras


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, compiled by the backend."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    import tensorflow as tf

    return tf.function(function, reduce_retracing=True)


def compiled_gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient of a scalar function with respect to its first argument.

    Args:
        function: Takes a tensor or list of tensors first, and anything after it.

    Returns:
        A compiled function of the same arguments that returns the gradient, in the structure of
        the first argument.

    Raises:
        ValueError: If the backend is neither TensorFlow nor JAX.
    """
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(jax.grad(function))
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Gradients are available on the TensorFlow and JAX backends. "
            f"Received: {keras.backend.backend()}."
        )
    import tensorflow as tf

    def gradient(first: Any, *rest: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(first)
            result = function(first, *rest)
        return tape.gradient(result, first, unconnected_gradients="zero")

    return tf.function(gradient, reduce_retracing=True)
