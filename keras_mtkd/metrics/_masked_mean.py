"""Means over the pixels that have a label."""

from abc import ABC, abstractmethod
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.keras_compat import get_keras_mask
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.positions import fit_mask, spread_weights


class MeanOfLabels(keras.metrics.Mean):
    """A mean in float32 that is NaN, and not 0, if nothing that counts was seen."""

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype or "float32")

    def result(self) -> Tensor:
        return nan_unless(self.count > 0, super().result())


class MaskedMean(MeanOfLabels, ABC):
    """Mean of a value over all valid pixels seen, whatever the batch size; NaN if there was none.

    Subclasses say with `measure` what the value is and where it is valid.
    """

    @abstractmethod
    def measure(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """Values and validity, both `(batch, ...)` without the channel axis."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        mask = get_keras_mask(y_pred)
        values, valid = self.measure(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
        # An invalid value may be NaN or infinite: it must not be multiplied by a weight.
        values = ops.where(valid, ops.cast(values, self.dtype), ops.zeros((), self.dtype))
        super().update_state(values, weights_of(valid, sample_weight, mask, self.dtype))


def weights_of(valid: Tensor, sample_weight: Any, mask: Tensor | None, dtype: str) -> Tensor:
    """Weights of pixels `(batch, ...)`: those given, of samples or of pixels, where valid.

    Args:
        valid: Where there is a label, `(batch, ...)`.
        sample_weight: Weights or `None`.
        mask: The Keras mask of the predictions, if there is one.
        dtype: Of the weights.
    """
    weights = ops.cast(valid, dtype)
    if mask is not None:
        weights = weights * ops.cast(fit_mask(mask, weights), dtype)
    if sample_weight is None:
        return weights
    return weights * spread_weights(ops.convert_to_tensor(sample_weight, dtype), weights)


def nan_unless(seen: Tensor, value: Tensor) -> Tensor:
    """The value, or NaN if nothing was seen."""
    return ops.where(seen, value, ops.full_like(value, float("nan")))
