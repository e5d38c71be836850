"""Means over the pixels that have a label."""

from abc import ABC, abstractmethod
from typing import Any

import keras
from keras import ops

from keras_mtkd._types import Tensor


class MaskedMean(keras.metrics.Mean, ABC):
    """Mean of a value over all valid pixels seen, in float32, whatever the batch size.

    Subclasses say with `measure` what the value is and where it is valid.
    """

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype or "float32")

    @abstractmethod
    def measure(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """Values and validity, both `(batch, ...)` without the channel axis."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        values, valid = self.measure(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
        # An invalid value may be NaN or infinite: it must not be multiplied by a weight.
        values = ops.where(valid, ops.cast(values, self.dtype), ops.zeros((), self.dtype))
        super().update_state(values, weights_of(valid, sample_weight, self.dtype))


def weights_of(valid: Tensor, sample_weight: Any, dtype: str) -> Tensor:
    """Weights of pixels `(batch, ...)`: those given, `(batch,)` or a pixel each, where valid."""
    weights = ops.cast(valid, dtype)
    if sample_weight is None:
        return weights
    given = ops.convert_to_tensor(sample_weight, dtype)
    missing = len(weights.shape) - len(given.shape)
    return weights * ops.reshape(given, (*ops.shape(given), *(1,) * missing))
