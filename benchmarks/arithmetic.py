"""How much arithmetic a step takes, and how much of it the machine can do."""

import math
import time

import keras
import numpy as np
from keras import ops


def forward_flop(model, batch, until=None):
    """Multiplications and additions of a forward pass, in convolutions and dense layers alone.

    Args:
        model: Functional model of static shape.
        batch: Samples.
        until: Name of the last layer to count, by default all.
    """
    total = 0
    for layer in model.layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is not None:
            # Every position of the output takes one product with the whole kernel.
            positions = math.prod(layer.output.shape[1:-1])
            total += 2 * batch * positions * math.prod(kernel.shape)
        if layer.name == until:
            break
    return total


def peak_flops(size, dtype="float32", rounds=7):
    """Floating-point operations a second of a large matrix product, the best of some."""
    one, other = (ops.cast(np.random.rand(size, size), dtype) for _ in "ab")
    best = math.inf
    for _ in range(rounds):
        start = time.perf_counter()
        # TensorFlow hands no bfloat16 to NumPy.
        ops.convert_to_numpy(ops.cast(ops.matmul(one, other)[0, 0], "float32"))
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


def training_flop(student, teachers, batch, tap):
    """A step: student forward and backward (twice the forward), teachers as far as the tap."""
    own = 3 * forward_flop(student, batch)
    return own + sum(forward_flop(teacher, batch, tap) for teacher in teachers)


def peak_memory():
    """The largest number of bytes in use on an accelerator, `None` without one."""
    if keras.backend.backend() == "jax":
        import jax

        return (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use")
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        return None
    return tf.config.experimental.get_memory_info("GPU:0")["peak"]
