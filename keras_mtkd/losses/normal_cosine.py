"""Cosine distance of surface normals over the pixels that have one."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._masked import masked
from keras_mtkd.losses.kinds import REGRESSION
from keras_mtkd.losses.weigh import WeighedLoss


@mtkd_export("keras_mtkd.losses.NormalCosine")
class NormalCosine(WeighedLoss):
    """`1 - cos` between unit normals, over the pixels that have one.

    The mean is over the valid pixels of the whole batch; without any it is 0.

    Call arguments:
        y_true: Unit normals `(batch, ..., 3)`; zero vectors, or NaN, where there is no label.
        y_pred: Unit normals, same shape.
        sample_weight: Optional, `(batch,)` or the shape of the pixels.

    Args:
        reduction: As in `keras.losses.Loss`; `None` gives one value a pixel, 0 where invalid.
        name: Name of the loss.
        dtype: Computation dtype, float32 by default also under mixed precision.

    Examples:
        >>> import numpy as np
        >>> up, east = np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]])
        >>> float(NormalCosine()(up, up)), float(NormalCosine()(up, east))
        (0.0, 1.0)

    Source: normal loss of MTAN (Liu et al., 2019) and KD4MTL (Li and Bilen, 2020).
    """

    predicts = REGRESSION
    leaves_out_nan = True

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "normal_cosine",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        valid = valid_normals(y_true)
        y_true = ops.where(valid[..., None], y_true, 0.0)
        return masked(1.0 - ops.sum(y_true * y_pred, axis=-1), valid)

    def labelled(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Where labels are, `(batch, ...)`."""
        return valid_normals(ops.cast(y_true, self.dtype))


def valid_normals(truth: Tensor) -> Tensor:
    """Pixels `(batch, ...)` that have a normal: no zero vector, and no NaN."""
    known = ops.any(ops.not_equal(truth, 0.0), axis=-1)
    return ops.logical_and(known, ops.logical_not(ops.any(ops.isnan(truth), axis=-1)))
