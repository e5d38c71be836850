"""Distillation of class predictions: softened Kullback-Leibler divergence."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._kinds import CLASS
from keras_mtkd.losses._registry import register
from keras_mtkd.losses._soften import check_temperature, log_probability
from keras_mtkd.losses._weigh import WeighedLoss


@mtkd_export("keras_mtkd.losses.LogitKL")
@register("logit_kl")
class LogitKL(WeighedLoss):
    """`T^2 KL(softmax(teacher / T) || softmax(student / T))` over the classes.

    Computed from `log_softmax`, so the gradient survives any gap between logits. The factor
    `T^2` keeps the gradient's size independent of the temperature.

    Call arguments:
        y_true: Teacher logits, `(batch, ..., classes)`.
        y_pred: Student logits, same shape.
        sample_weight: Optional, `(batch,)` or `(batch, ...)`.

    Args:
        temperature: Softening `T`, positive.
        from_logits: False where the models end in a softmax: their outputs are then
            probabilities, and `log p` serves as logits (the same distribution).
        reduction: As in `keras.losses.Loss`; `None` gives `(batch, ...)`.
        name: Name of the loss.
        dtype: Computation dtype, float32 by default also under mixed precision.
        axis: The axis of the classes.

    Raises:
        ValueError: If `temperature` is not positive.

    Examples:
        >>> import numpy as np
        >>> teacher = np.array([[2.0, 0.0, -1.0]])
        >>> round(float(LogitKL(temperature=2.0)(teacher, teacher + 5.0)), 6)
        0.0

    Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015),
    section 2.
    """

    predicts = CLASS

    def __init__(
        self,
        temperature: float = 4.0,
        from_logits: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "logit_kl",
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.temperature = check_temperature(temperature)
        self.from_logits, self.axis = from_logits, axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        teacher, student = self._log_soft(y_true), self._log_soft(y_pred)
        divergence = ops.sum(ops.exp(teacher) * (teacher - student), axis=self.axis)
        return self.temperature**2 * divergence

    def _log_soft(self, predictions: Tensor) -> Tensor:
        logits = predictions if self.from_logits else log_probability(predictions)
        return ops.log_softmax(logits / self.temperature, axis=self.axis)

    def get_config(self) -> dict[str, Any]:
        own = {"temperature": self.temperature, "from_logits": self.from_logits}
        return {**super().get_config(), **own, "axis": self.axis}
