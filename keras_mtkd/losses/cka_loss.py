"""Centred kernel alignment as a distance."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._registry import register
from keras_mtkd.losses.batch_distance import BatchDistance, centre

_LEAST = 1e-24


@mtkd_export("keras_mtkd.losses.CKALoss")
@register("cka")
class CKALoss(BatchDistance):
    """`1 - CKA(teacher, student)` of a batch, linear and biased.

    Blind to rotations and a common scale of either side, so it needs no adaptor, and the two may
    have different widths. Small batches overstate the alignment: use some hundred samples.

    Call arguments:
        y_true: Teacher features, `(batch, ...)`.
        y_pred: Student features, `(batch, ...)`.
        sample_weight: Optional, `(batch,)` or of positions. Positions without weight, or left out
            by a mask, take no part.

    Args:
        name: Name of the loss.
        dtype: Dtype of the features and of the value, float32 by default also under mixed
            precision; the arithmetic is in float32 or wider.

    Examples:
        >>> import numpy as np
        >>> features = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]])
        >>> abs(float(CKALoss()(features, 5.0 * features[:, ::-1]))) < 1e-5
        True

    Source: Kornblith et al., "Similarity of Neural Network Representations Revisited" (2019).
    """

    def __init__(self, name: str = "cka_loss", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def between(
        self,
        teacher: Tensor,
        student: Tensor,
        weight: Tensor,
        of_teacher: Tensor | None = None,
        of_student: Tensor | None = None,
    ) -> Tensor:
        root = ops.sqrt(weight)[:, None]
        one = root * centre(teacher, weight, of_teacher)
        other = root * centre(student, weight, of_student)
        first, second = (ops.matmul(each, ops.transpose(each)) for each in (one, other))
        # One by one: the product leaves the range of float32 for features of usual size.
        lengths = [ops.rsqrt(ops.maximum(ops.sum(x * x), _LEAST)) for x in (first, second)]
        return 1.0 - ops.sum(first * lengths[0] * second * lengths[1])
