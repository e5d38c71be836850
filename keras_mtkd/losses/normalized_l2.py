"""The distance of MTLKD between a teacher's and a student's features."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._registry import register
from keras_mtkd.losses.kinds import REGRESSION
from keras_mtkd.losses.weigh import WeighedLoss

# Inside the root, as in the authors' code: the gradient of a zero vector (a dead ReLU row)
# stays finite, which it does not when the norm is clipped after the root.
EPSILON = 1e-6


@mtkd_export("keras_mtkd.losses.NormalizedL2")
@register("normalized_l2")
class NormalizedL2(WeighedLoss):
    """Squared distance between features scaled to unit length over their channels.

    With `u(v) = v / sqrt(sum_c v_c^2 + 1e-6)` the value at every position is
    `sum_c (u(student)_c - u(teacher)_c)^2`. It lies in [0, 4] and equals `2 - 2 cos` up to
    the 1e-6, whatever the task, which is why no teacher outweighs the others.

    Call arguments:
        y_true: Teacher features, `(batch, ..., channels)`.
        y_pred: Student features after the adaptor, same shape.
        sample_weight: Optional, `(batch,)` or the shape of the positions `(batch, ...)`.

    Args:
        axis: The channel axis. Defaults to -1.
        reduction: As in `keras.losses.Loss`; `None` gives one value a position, `(batch, ...)`.
        name: Name of the loss.
        dtype: Computation dtype, float32 by default also under mixed precision.

    Examples:
        >>> import numpy as np
        >>> distance = NormalizedL2()
        >>> parallel = distance(np.array([[3.0, 4.0]]), np.array([[6.0, 8.0]]))
        >>> opposite = distance(np.array([[3.0, 4.0]]), np.array([[-3.0, -4.0]]))
        >>> round(float(parallel), 4), round(float(opposite), 4)
        (0.0, 4.0)

    Source: Li and Bilen, "Knowledge Distillation for Multi-task Learning" (2020), the authors'
    released code.
    """

    predicts = REGRESSION

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "normalized_l2",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.axis = axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        # By inner products: writing arrays of unit vectors takes longer than the arithmetic.
        teacher, student = self._inner(y_true, y_true), self._inner(y_pred, y_pred)
        both = ops.rsqrt(teacher + EPSILON) * ops.rsqrt(student + EPSILON)
        lengths = teacher / (teacher + EPSILON) + student / (student + EPSILON)
        # Rounding must not make a distance negative.
        return ops.maximum(lengths - 2.0 * both * self._inner(y_true, y_pred), 0.0)

    def _inner(self, one: Tensor, other: Tensor) -> Tensor:
        return ops.sum(one * other, axis=self.axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
