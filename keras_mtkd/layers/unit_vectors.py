"""Vectors scaled to unit length, for surface normals."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_saved
from keras_mtkd._backend.types import Tensor

# Inside the root: a zero vector stays zero, with a finite gradient.
_EPSILON = 1e-12


@mtkd_saved
class UnitVectors(keras.layers.Layer):
    """Scales the last axis to length 1: `v / sqrt(sum_c v_c^2 + 1e-12)`.

    Computed in Keras' default float type, float32, also under mixed precision.

    Call arguments:
        inputs: `(batch, ..., channels)`.

    Returns the same shape.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"dtype": keras.config.floatx(), **kwargs})

    def call(self, inputs: Tensor) -> Tensor:
        squares = ops.sum(ops.square(inputs), axis=-1, keepdims=True)
        return inputs * ops.rsqrt(squares + _EPSILON)
