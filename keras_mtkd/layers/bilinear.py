"""Bilinear resizing by a whole factor, with the corners kept."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Shape, Tensor


@mtkd_export("keras_mtkd.layers.BilinearUpsampling2D")
class BilinearUpsampling2D(keras.layers.Layer):
    """Bilinear interpolation in which corner pixels stay where they are.

    Also called `align_corners=True`, which `keras.layers.UpSampling2D` does not offer.

    Call arguments:
        inputs: `(batch, height, width, channels)` of known height and width.

    Returns `(batch, height * factor, width * factor, channels)`.

    Args:
        factor: How many times larger.
        name: Name of the layer.
        **kwargs: As in `keras.layers.Layer`.

    Raises:
        ValueError: If `factor` is not positive.
    """

    def __init__(self, factor: int = 2, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        if factor < 1:
            raise ValueError(f"`factor` must be positive. Received: factor={factor}.")
        self.factor = factor

    def call(self, inputs: Tensor) -> Tensor:
        rows, columns = (
            ops.convert_to_tensor(_weights(size, size * self.factor), inputs.dtype)
            for size in inputs.shape[1:3]
        )
        tall = ops.einsum("bhwc,Hh->bHwc", inputs, rows)
        return ops.einsum("bHwc,Ww->bHWc", tall, columns)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, channels = input_shape
        return (batch, height * self.factor, width * self.factor, channels)  # type: ignore[operator]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


def _weights(size: int, target: int) -> np.ndarray:
    """Interpolation weights `(target, size)`."""
    places = np.linspace(0.0, size - 1.0, target)
    return np.maximum(0.0, 1.0 - np.abs(places[:, None] - np.arange(size))).astype("float32")
