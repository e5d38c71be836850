"""Attention transfer: where a network looks."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.keras_compat import get_keras_mask
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._power_of_size import power_of_size
from keras_mtkd.losses._registry import register
from keras_mtkd.losses._typed_loss import TypedLoss
from keras_mtkd.losses.positions import fit_mask, spread_weights, weight_of_samples
from keras_mtkd.losses.weigh import reduce_values

_EPSILON = 1e-6


@mtkd_export("keras_mtkd.losses.AttentionTransfer")
@register("attention_transfer")
class AttentionTransfer(TypedLoss):
    """Squared distance between attention maps: channel means of `|feature|^power`, of unit length.

    The channels of both sides may differ, so no adaptor is needed. Positions of weight 0, and those
    that the student's Keras mask leaves out, belong to neither map; the squared differences at the
    others weigh as they do.

    Call arguments:
        y_true: Teacher maps `(batch, height, width, channels)`.
        y_pred: Student maps of the same height and width.
        sample_weight: Optional, `(batch,)` or `(batch, height, width)`.

    Args:
        power: Exponent, positive; larger ones look at the strongest channels.
        reduction: As in `keras.losses.Loss`; `None` gives `(batch,)`.
        name: Name of the loss.
        dtype: Computation dtype, float32 by default also under mixed precision.

    Raises:
        ValueError: If `power` is not positive; when called, if positions differ.

    Source: Zagoruyko and Komodakis, "Paying More Attention to Attention" (2017), equation 2, with
    the square of its norm. The authors' code has the mean over positions, this value over
    `height * width`.
    """

    def __init__(
        self,
        power: float = 2.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "attention_transfer",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if power <= 0:
            raise ValueError(f"`power` must be positive. Received: power={power}.")
        self.power = float(power)

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        mask = get_keras_mask(y_pred)
        y_true, y_pred = (ops.convert_to_tensor(each, self.dtype) for each in (y_true, y_pred))
        if sample_weight is None and mask is None:
            return reduce_values(self, self._values(y_true, y_pred, None), None)
        if sample_weight is not None:
            sample_weight = ops.convert_to_tensor(sample_weight, self.dtype)
        values = self._values(y_true, y_pred, self._weight(sample_weight, mask, y_pred))
        # For a reduction that divides by the weights: they are in the values already.
        samples = weight_of_samples(sample_weight, mask, y_pred)
        return reduce_values(self, ops.divide_no_nan(values, samples), samples)

    def _weight(self, given: Tensor | None, mask: Tensor | None, maps: Tensor) -> Tensor:
        """The weight of every position, 0 where the mask leaves it out."""
        place = maps[..., 0]
        weight = ops.ones_like(place) if given is None else spread_weights(given, place)
        return weight if mask is None else weight * ops.cast(fit_mask(mask, place), self.dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self._values(y_true, y_pred, None)

    def _values(self, y_true: Tensor, y_pred: Tensor, weight: Tensor | None) -> Tensor:
        """One value a sample, from weights of its positions."""
        if tuple(y_true.shape[1:-1]) != tuple(y_pred.shape[1:-1]):
            raise ValueError(
                "Attention maps need equal height and width. "
                f"Received: {tuple(y_true.shape)} and {tuple(y_pred.shape)}."
            )
        if weight is not None:
            # Before the arithmetic: the gradient of a NaN is NaN, even where it does not count.
            known = weight[..., None] != 0
            y_true, y_pred = (ops.where(known, each, 0.0) for each in (y_true, y_pred))
        squares = ops.square(self._attention(y_true) - self._attention(y_pred))
        if weight is not None:
            squares = squares * _flat(weight)
        return ops.sum(squares, axis=-1)

    def _attention(self, maps: Tensor) -> Tensor:
        flat = _flat(ops.mean(power_of_size(maps, self.power), axis=-1))
        return flat * ops.rsqrt(ops.sum(ops.square(flat), axis=-1, keepdims=True) + _EPSILON)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power": self.power}


def _flat(maps: Tensor) -> Tensor:
    return ops.reshape(maps, (ops.shape(maps)[0], -1))
