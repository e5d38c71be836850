"""Functions of arrays as one program each, where every operation alone would be one."""

import numpy as np
from helpers import BACKEND


def program(function):
    """The function, compiled; on TensorFlow only in tests that are `traced`."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return _of_arrays(tf.function(function))
    import jax

    return _of_arrays(jax.jit(function))


def with_gradient(function):
    """Likewise the value of a scalar function, and its gradient by the last of the arrays."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        def both(*arrays):
            with tf.GradientTape() as tape:
                tape.watch(arrays[-1])
                value = function(*arrays)
            return value, tape.gradient(value, arrays[-1])

        return _of_arrays(tf.function(both))
    import jax

    def swapped(last, *others):
        return function(*others, last)

    both = jax.jit(jax.value_and_grad(swapped))
    return _of_arrays(lambda *arrays: both(arrays[-1], *arrays[:-1]))


def _of_arrays(function):
    """From arrays of any kind, as float32, to arrays of NumPy."""

    def call(*arrays):
        arrays = [np.asarray(array, "float32") for array in arrays]
        if BACKEND == "tensorflow":
            import tensorflow as tf

            arrays = [tf.convert_to_tensor(array) for array in arrays]
        found = function(*arrays)
        return tuple(map(np.asarray, found)) if isinstance(found, tuple) else np.asarray(found)

    return call
