"""Absolute error of depth over the pixels that have one."""

import math
from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._masked import masked
from keras_mtkd.losses.kinds import REGRESSION
from keras_mtkd.losses.positions import align_labels
from keras_mtkd.losses.weigh import WeighedLoss


@mtkd_export("keras_mtkd.losses.MaskedMeanAbsoluteError")
class MaskedMeanAbsoluteError(WeighedLoss):
    """Mean absolute error over the pixels that have a value, for depth.

    The mean is over the valid pixels of the whole batch; without any it is 0, with no gradient.

    Call arguments:
        y_true: `(batch, ..., channels)`; a pixel is valid unless all channels equal `invalid`. A
            last axis of 1 may be left out.
        y_pred: Same shape, same unit.
        sample_weight: Optional, `(batch,)` or the shape of the pixels.

    Args:
        invalid: The value of pixels without a label; NaN leaves out pixels with a NaN in any
            channel.
        reduction: As in `keras.losses.Loss`; `None` gives one value a pixel, the mean over
            channels, 0 where invalid.
        name: Name of the loss.
        dtype: Computation dtype, float32 by default also under mixed precision.

    Examples:
        >>> import numpy as np
        >>> truth, guess = np.array([[[2.0], [0.0]]]), np.array([[[1.5], [7.0]]])
        >>> float(MaskedMeanAbsoluteError()(truth, guess))
        0.5

    Source: depth loss of MTAN (Liu et al., 2019) and KD4MTL (Li and Bilen, 2020).
    """

    predicts = REGRESSION

    def __init__(
        self,
        invalid: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "masked_mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.invalid = invalid

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true, y_pred = align_labels(y_true, y_pred)
        valid = valid_pixels(y_true, self.invalid)
        # Before the arithmetic: the gradient of a NaN is NaN, even where it does not count.
        y_true = ops.where(valid[..., None], y_true, 0.0)
        errors = ops.mean(ops.abs(y_true - y_pred), axis=-1)
        return masked(errors, valid)

    @property
    def leaves_out_nan(self) -> bool:
        """Whether a label may be NaN, which is none."""
        return math.isnan(self.invalid)

    def labelled(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Where labels are, `(batch, ...)`."""
        truth = ops.cast(y_true, self.dtype)
        return valid_pixels(align_labels(truth, y_pred)[0], self.invalid)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "invalid": self.invalid}


def valid_pixels(truth: Tensor, invalid: float) -> Tensor:
    """Pixels `(batch, ...)` of a map `(batch, ..., channels)` that have a value."""
    if math.isnan(invalid):
        return ops.logical_not(ops.any(ops.isnan(truth), axis=-1))
    return ops.any(ops.not_equal(truth, invalid), axis=-1)
