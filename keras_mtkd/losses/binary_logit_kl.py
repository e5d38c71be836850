"""Distillation of yes/no predictions: softened Bernoulli divergence."""

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._registry import register
from keras_mtkd.losses._softened_kl import SoftenedKL
from keras_mtkd.losses.kinds import BINARY
from keras_mtkd.losses.soften import log_probability


@mtkd_export("keras_mtkd.losses.BinaryLogitKL")
@register("binary_logit_kl")
class BinaryLogitKL(SoftenedKL):
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
        name: Name of the loss, `"binary_logit_kl"` if left out.
        dtype: Computation dtype, float32 by default also under mixed precision.
        axis: The axis of the answers.

    Raises:
        ValueError: If `temperature` is not positive.

    Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015),
    section 2, for two classes with logits (z, 0).
    """

    predicts = BINARY
    default_name = "binary_logit_kl"

    @property
    def elementwise(self) -> bool:
        """Whether the value is the mean over the last axis of a value an entry."""
        return self.axis == -1

    def _logits(self, probabilities: Tensor) -> Tensor:
        return log_probability(probabilities) - log_probability(1.0 - probabilities)

    def _divergence(self, teacher: Tensor, student: Tensor) -> Tensor:
        yes, no = ops.sigmoid(teacher), ops.sigmoid(-teacher)
        divergence = yes * (ops.log_sigmoid(teacher) - ops.log_sigmoid(student))
        divergence += no * (ops.log_sigmoid(-teacher) - ops.log_sigmoid(-student))
        return ops.mean(divergence, axis=self.axis)
