"""Errors of depth."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.masked_mean_absolute_error import valid_pixels
from keras_mtkd.losses.positions import align_labels
from keras_mtkd.metrics._masked_mean import MaskedMean


@mtkd_export("keras_mtkd.metrics.DepthError")
class DepthError(MaskedMean):
    """Mean error of depth over the pixels that have one, absolute or relative to the truth.

    NaN as long as there was none.

    Call arguments of `update_state`:
        y_true: Depth `(batch, height, width, 1)`; the last axis may be left out.
        y_pred: Same shape and unit, likewise.
        sample_weight: Optional, `(batch,)` or one a pixel.

    Args:
        relative: Whether to divide by the true depth; the absolute error has its unit.
        invalid: The value of pixels without a label; may be NaN.
        name: Name of the metric, `"absolute_error"` or `"relative_error"` by default.
        dtype: float32 by default, also under mixed precision.
    """

    def __init__(
        self,
        relative: bool = False,
        invalid: float = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name or ("relative_error" if relative else "absolute_error"), dtype)
        self.relative, self.invalid = relative, invalid

    def measure(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        truth, guess = align_labels(*(ops.cast(side, self.dtype) for side in (y_true, y_pred)))
        if guess.shape[-1] == 1:
            truth, guess = truth[..., 0], guess[..., 0]
        errors = ops.abs(truth - guess)
        valid = valid_pixels(truth[..., None], self.invalid)
        return (ops.divide_no_nan(errors, ops.abs(truth)) if self.relative else errors), valid

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "relative": self.relative, "invalid": self.invalid}
