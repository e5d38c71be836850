"""Powers whose gradient is finite at zero, whatever the exponent."""

from keras import ops

from keras_mtkd._backend.types import Tensor


def power_of_size(values: Tensor, power: float) -> Tensor:
    """`|values|^power` for a positive power.

    The slope at 0 is 0: at a power of 1 it would be 1 on JAX, below it infinite, and NaN in what
    comes before.
    """
    sizes = ops.abs(values)
    if power > 1:
        return sizes**power
    some = sizes > 0
    return ops.where(some, ops.where(some, sizes, 1.0) ** power, 0.0)
