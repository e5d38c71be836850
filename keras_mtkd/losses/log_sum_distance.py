"""The log-sum distance between normalised batches."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._power_of_size import power_of_size
from keras_mtkd.losses._registry import register
from keras_mtkd.losses.batch_distance import BatchDistance, centre, shares

_EPSILON = 1e-5


@mtkd_export("keras_mtkd.losses.LogSumDistance")
@register("log_sum")
class LogSumDistance(BatchDistance):
    """`log sum |a - b|^power` over a batch, after batch normalisation of both sides.

    The logarithm keeps the gradient's size while the distance shrinks; normalisation, without
    scale, shift or moving averages, keeps a trained adaptor or projector from shrinking both
    sides. For batches of at least 64.

    The sum is the size of the batch times the weighted mean over samples of their own sums. Samples
    of weight 0 are nowhere in that mean, but in the size: with `n` samples, `k` of them of weight 1
    and the others of 0, the value is that of the `k` alone plus `log(n / k)`, and the gradients are
    the same.

    Call arguments:
        y_true: Teacher features, `(batch, ...)`.
        y_pred: Student features, same shape.
        sample_weight: Optional, `(batch,)` or of positions; a common factor changes nothing.
            Positions without weight, or left out by a mask, take no part.

    Args:
        power: Exponent, positive.
        name: Name of the loss.
        dtype: Dtype of the features and of the value, float32 by default also under mixed
            precision; the arithmetic is in float32 or wider.

    Raises:
        ValueError: If `power` is not positive.

    Source: Miles and Mikolajczyk, "Understanding the Role of the Projector in Knowledge
    Distillation" (2024), the authors' released code: power 4, weight 2.
    """

    def __init__(
        self, power: float = 4.0, name: str = "log_sum_distance", dtype: Any = None
    ) -> None:
        super().__init__(name, dtype)
        if power <= 0:
            raise ValueError(f"`power` must be positive. Received: power={power}.")
        self.power = float(power)

    def between(
        self,
        teacher: Tensor,
        student: Tensor,
        weight: Tensor,
        of_teacher: Tensor | None = None,
        of_student: Tensor | None = None,
    ) -> Tensor:
        mine, theirs = (
            _normalised(student, weight, of_student),
            _normalised(teacher, weight, of_teacher),
        )
        difference = mine - theirs
        counted = ops.cast(ops.shape(student)[0], student.dtype) * weight[:, None]
        return ops.log(ops.sum(counted * power_of_size(difference, self.power)) + _EPSILON)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power": self.power}


def _normalised(features: Tensor, weight: Tensor, known: Tensor | None) -> Tensor:
    shifted = centre(features, weight, known)
    squares = ops.sum(ops.square(shifted) * weight[:, None], axis=0, keepdims=True)
    return shifted * ops.rsqrt(squares / shares(weight, known) + _EPSILON)
