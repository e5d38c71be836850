"""Max pooling that remembers where each maximum was, and its inverse."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Shape, Tensor


def _cells(maps: Tensor, size: int) -> list[Tensor]:
    """The maps' values at every place inside the windows, row by row."""
    height, width = (length // size * size for length in maps.shape[1:3])
    return [
        maps[:, row:height:size, column:width:size] for row in range(size) for column in range(size)
    ]


class _Window(keras.layers.Layer):
    """What pooling and unpooling share: square windows side by side."""

    def __init__(self, pool_size: int = 2, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        if pool_size < 1:
            raise ValueError(f"`pool_size` must be positive. Received: pool_size={pool_size}.")
        self.pool_size = pool_size

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pool_size": self.pool_size}


@mtkd_export("keras_mtkd.layers.MaxPooling2DWithIndices")
class MaxPooling2DWithIndices(_Window):
    """Max pooling over windows side by side, with the place of every maximum.

    Of equal maxima the first one counts, row by row, and receives the whole gradient. Rows and
    columns that fill no window are left out.

    Call arguments:
        inputs: `(batch, height, width, channels)` of known height and width.

    Returns two tensors of shape `(batch, height // pool_size, width // pool_size, channels)`:
    the maxima, and as int32 their places within the windows, `row * pool_size + column`.

    Args:
        pool_size: Side of the windows in pixels.
        name: Name of the layer.
        **kwargs: As in `keras.layers.Layer`.

    Raises:
        ValueError: If `pool_size` is not positive or a size is not known.

    Source: Badrinarayanan et al., "SegNet" (2017).
    """

    def build(self, input_shape: Shape) -> None:
        if len(input_shape) != 4 or None in input_shape[1:3]:
            raise ValueError(
                "Pooling with indices needs maps (batch, height, width, channels) of known height "
                f"and width. Received: {tuple(input_shape)}."
            )
        super().build(input_shape)

    def call(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        cells = _cells(inputs, self.pool_size)
        fixed = [ops.stop_gradient(cell) for cell in cells]
        best, indices = fixed[0], ops.zeros(ops.shape(fixed[0]), "int32")
        for place, cell in enumerate(fixed[1:], start=1):
            indices = ops.where(cell > best, place, indices)
            best = ops.maximum(best, cell)
        # Picked once more, so that the gradient reaches one input and not all that are equal.
        maxima = cells[0]
        for place, cell in enumerate(cells[1:], start=1):
            maxima = ops.where(indices == place, cell, maxima)
        return maxima, indices

    def compute_output_spec(self, inputs: Any) -> tuple[Any, Any]:
        batch, height, width, channels = inputs.shape
        shape = (batch, height // self.pool_size, width // self.pool_size, channels)
        return keras.KerasTensor(shape, inputs.dtype), keras.KerasTensor(shape, "int32")


@mtkd_export("keras_mtkd.layers.MaxUnpooling2D")
class MaxUnpooling2D(_Window):
    """Puts values back where their maxima were, with zeros elsewhere.

    Call arguments:
        inputs: Values `(batch, height, width, channels)`.
        indices: Places from `MaxPooling2DWithIndices` of the same `pool_size` and shape.

    Returns `(batch, height * pool_size, width * pool_size, channels)`.

    Args:
        pool_size: Side of the windows in pixels.
        name: Name of the layer.
        **kwargs: As in `keras.layers.Layer`.

    Raises:
        ValueError: If `pool_size` is not positive, or values and indices differ in shape.

    Source: Badrinarayanan et al., "SegNet" (2017).
    """

    def call(self, inputs: Tensor, indices: Tensor) -> Tensor:
        size, zero = self.pool_size, ops.zeros((), inputs.dtype)
        cells = [ops.where(indices == place, inputs, zero) for place in range(size**2)]
        rows = [ops.stack(cells[row * size : (row + 1) * size], axis=3) for row in range(size)]
        batch, height, width, channels = inputs.shape
        maps = ops.stack(rows, axis=2)
        batch = ops.shape(inputs)[0] if batch is None else batch
        return ops.reshape(maps, (batch, height * size, width * size, channels))

    def compute_output_spec(self, inputs: Any, indices: Any) -> Any:
        if tuple(inputs.shape[1:]) != tuple(indices.shape[1:]):
            raise ValueError(
                "Values and indices must have the same shape. "
                f"Received: {tuple(inputs.shape)} and {tuple(indices.shape)}."
            )
        batch, height, width, channels = inputs.shape
        shape = (batch, height * self.pool_size, width * self.pool_size, channels)
        return keras.KerasTensor(shape, inputs.dtype)
