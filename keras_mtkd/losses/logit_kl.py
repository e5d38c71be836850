"""Distillation of class predictions: softened Kullback-Leibler divergence."""

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._registry import register
from keras_mtkd.losses._softened_kl import SoftenedKL
from keras_mtkd.losses.kinds import CLASS
from keras_mtkd.losses.soften import log_probability


@mtkd_export("keras_mtkd.losses.LogitKL")
@register("logit_kl")
class LogitKL(SoftenedKL):
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
        name: Name of the loss, `"logit_kl"` if left out.
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
    default_name = "logit_kl"

    def _logits(self, probabilities: Tensor) -> Tensor:
        return log_probability(probabilities)

    def _divergence(self, teacher: Tensor, student: Tensor) -> Tensor:
        teacher, student = (ops.log_softmax(each, axis=self.axis) for each in (teacher, student))
        return ops.sum(ops.exp(teacher) * (teacher - student), axis=self.axis)
