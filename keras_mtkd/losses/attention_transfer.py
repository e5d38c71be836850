"""Attention transfer: where a network looks."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._export import mtkd_export
from keras_mtkd._types import Tensor

_EPSILON = 1e-6


@mtkd_export("keras_mtkd.losses.AttentionTransfer")
class AttentionTransfer(keras.losses.Loss):
    """Squared distance between attention maps: channel means of `|feature|^power`, of unit length.

    The channels of both sides may differ, so no adaptor is needed.

    Call arguments:
        y_true: Teacher maps `(batch, height, width, channels)`.
        y_pred: Student maps of the same height and width.
        sample_weight: Optional, `(batch,)`.

    Args:
        power: Exponent, positive; larger ones look at the strongest channels.
        reduction: As in `keras.losses.Loss`; `None` gives `(batch,)`.
        name: Name of the loss.

    Raises:
        ValueError: If `power` is not positive; when called, if positions differ.

    Source: Zagoruyko and Komodakis, "Paying More Attention to Attention" (2017), equation 2.
    """

    def __init__(
        self,
        power: float = 2.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "attention_transfer",
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if power <= 0:
            raise ValueError(f"`power` must be positive. Received: power={power}.")
        self.power = float(power)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if tuple(y_true.shape[1:-1]) != tuple(y_pred.shape[1:-1]):
            raise ValueError(
                "Attention maps need equal height and width. "
                f"Received: {tuple(y_true.shape)} and {tuple(y_pred.shape)}."
            )
        difference = self._attention(y_true) - self._attention(y_pred)
        return ops.sum(ops.square(difference), axis=-1)

    def _attention(self, maps: Tensor) -> Tensor:
        strength = ops.mean(ops.abs(maps) ** self.power, axis=-1)
        flat = ops.reshape(strength, (ops.shape(strength)[0], -1))
        return flat * ops.rsqrt(ops.sum(ops.square(flat), axis=-1, keepdims=True) + _EPSILON)

    def get_config(self) -> dict[str, Any]:
        return {"power": self.power, "reduction": self.reduction, "name": self.name}
