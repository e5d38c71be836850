"""Absolute error of depth over the pixels that have one."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._export import mtkd_export
from keras_mtkd._types import Tensor
from keras_mtkd.losses._masked import masked


@mtkd_export("keras_mtkd.losses.MaskedMeanAbsoluteError")
class MaskedMeanAbsoluteError(keras.losses.Loss):
    """Mean absolute error over the pixels that have a value, for depth.

    The mean is over the valid pixels of the whole batch; without any it is 0, with no gradient.

    Call arguments:
        y_true: `(batch, ..., channels)`; a pixel is valid unless all channels equal `invalid`.
        y_pred: Same shape, same unit.
        sample_weight: Optional, `(batch,)` or the shape of the pixels.

    Args:
        invalid: The value of pixels without a label.
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
        valid = ops.any(ops.not_equal(y_true, self.invalid), axis=-1)
        errors = ops.mean(ops.abs(y_true - y_pred), axis=-1)
        return masked(errors, valid)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "invalid": self.invalid}
