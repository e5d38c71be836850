"""Averages over entries that have a label."""

from keras import ops

from keras_mtkd._backend.keras_compat import set_keras_mask
from keras_mtkd._backend.types import Tensor


def masked(values: Tensor, valid: Tensor) -> Tensor:
    """Values that Keras averages over the valid entries alone, with no gradient elsewhere."""
    values = ops.where(valid, values, ops.zeros_like(values))
    set_keras_mask(values, mask=valid)
    return values
