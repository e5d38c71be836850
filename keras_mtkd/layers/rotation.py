"""A learned rotation of a representation."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Shape, Tensor


@mtkd_export("keras_mtkd.layers.Rotation")
class Rotation(keras.layers.Layer):
    """Rotates the first channels of its input by a learned matrix, the identity at the start.

    `R = (I - A/2)⁻¹ (I + A/2)` with the skew matrix `A = W - Wᵀ` (Cayley) is orthogonal with
    determinant 1 whatever the weights `W`. It is made in single precision.

    Args:
        size: Number of channels that are rotated; all of them if left out.
        name: Name of the layer.
        **kwargs: As in `keras.layers.Layer`.

    Call arguments:
        inputs: `(batch, ..., channels)`.

    Returns a tensor like the input.

    Raises:
        ValueError: When built, if there are fewer than `size` channels, or no static number.

    Examples:
        >>> import numpy as np
        >>> Rotation()(np.array([[3.0, 4.0]])).shape == (1, 2)
        True

    Source: Javaloy and Valera, "RotoGrad: Gradient Homogenization in Multitask Learning" (2022).
    The authors' code uses the matrix exponential; Cayley's form is the alternative.
    """

    def __init__(self, size: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        if size is not None and size < 1:
            raise ValueError(f"`size` must be positive. Received: size={size}.")
        self.size = size
        self._is_led = False

    def build(self, input_shape: Shape) -> None:
        channels = input_shape[-1]
        if channels is None or channels < (self.size or 1):
            raise ValueError(
                f"The input must have a static number of channels, at least `size`. Received: "
                f"input_shape={tuple(input_shape)} with size={self.size}."
            )
        self.turned = self.size or channels
        self.skew = self.add_weight(
            shape=(self.turned, self.turned),
            initializer="zeros",
            dtype="float32",
            autocast=False,
            name="skew",
        )

    def call(self, inputs: Tensor) -> Tensor:
        matrix = ops.cast(self.matrix(self.skew), inputs.dtype)
        if self._is_led:
            matrix = ops.stop_gradient(matrix)
        turned = ops.matmul(inputs[..., : self.turned], ops.transpose(matrix))
        if self.turned == inputs.shape[-1]:
            return turned
        return ops.concatenate([turned, inputs[..., self.turned :]], axis=-1)

    def matrix(self, skew: Tensor) -> Tensor:
        """The rotation of some weights, `(size, size)`."""
        half, one = self._half(skew)
        return ops.solve(one - half, one + half)

    def slope(self, skew: Tensor, of_matrix: Tensor) -> Tensor:
        """The gradient of the weights, from that of the matrix.

        `dR = N⁻ᵀ dA N⁻ᵀ` with `N = I + A/2`: the gradient of `A` is `N⁻¹ (dL/dR) N⁻¹`.
        """
        half, one = self._half(skew)
        left = ops.solve(one + half, of_matrix)
        of_skew = ops.transpose(ops.solve(one - half, ops.transpose(left)))
        return of_skew - ops.transpose(of_skew)

    def _half(self, skew: Tensor) -> tuple[Tensor, Tensor]:
        skew = ops.convert_to_tensor(skew)
        return (skew - ops.transpose(skew)) / 2.0, ops.eye(self.turned, dtype="float32")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


@contextmanager
def lead(rotations: Iterable[Rotation]) -> Iterator[None]:
    """Meanwhile a balancer leads these: they do not learn from the losses of their tasks."""
    given = list(rotations)
    for rotation in given:
        rotation._is_led = True
    try:
        yield
    finally:
        for rotation in given:
            rotation._is_led = False
