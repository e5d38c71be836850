"""Distillation of yes/no predictions: softened Bernoulli divergence."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._kinds import BINARY
from keras_mtkd.losses._registry import register
from keras_mtkd.losses._soften import check_temperature, log_probability
from keras_mtkd.losses._weigh import WeighedLoss


@mtkd_export("keras_mtkd.losses.BinaryLogitKL")
@register("binary_logit_kl")
class BinaryLogitKL(WeighedLoss):
    """`T^2 KL(sigmoid(teacher / T) || sigmoid(student / T))`, averaged over the answers.

    The form of `LogitKL` for heads of independent yes/no answers, one logit each.

    Call arguments:
        y_true: Teacher logits, `(batch, ..., answers)`.
        y_pred: Student logits, same shape.
        sample_weight: Optional, `(batch,)` or `(batch, ...)`.

    Args:
        temperature: Softening `T`, positive.
        from_logits: False where the models end in a sigmoid.
        reduction: As in `keras.losses.Loss`; `None` gives `(batch, ...)`.
        name: Name of the loss.
        dtype: Computation dtype, float32 by default also under mixed precision.
        axis: The axis of the answers.

    Raises:
        ValueError: If `temperature` is not positive.

    Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015),
    section 2, for two classes with logits (z, 0).
    """

    predicts = BINARY
    elementwise = True

    def __init__(
        self,
        temperature: float = 4.0,
        from_logits: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_logit_kl",
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.temperature = check_temperature(temperature)
        self.from_logits, self.axis = from_logits, axis
        self.elementwise = axis == -1

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        teacher, student = self._soft_logits(y_true), self._soft_logits(y_pred)
        yes, no = ops.sigmoid(teacher), ops.sigmoid(-teacher)
        divergence = yes * (ops.log_sigmoid(teacher) - ops.log_sigmoid(student))
        divergence += no * (ops.log_sigmoid(-teacher) - ops.log_sigmoid(-student))
        return self.temperature**2 * ops.mean(divergence, axis=self.axis)

    def _soft_logits(self, predictions: Tensor) -> Tensor:
        if not self.from_logits:
            predictions = log_probability(predictions) - log_probability(1.0 - predictions)
        return predictions / self.temperature

    def get_config(self) -> dict[str, Any]:
        own = {"temperature": self.temperature, "from_logits": self.from_logits}
        return {**super().get_config(), **own, "axis": self.axis}
