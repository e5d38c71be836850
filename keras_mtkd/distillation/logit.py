"""Distillation of predictions."""

from collections.abc import Iterable
from typing import Any

import keras

from keras_mtkd import losses
from keras_mtkd._export import mtkd_export
from keras_mtkd._types import LossLike, WeightLike
from keras_mtkd.distillation.base import Distillation

_CLASS_LOSSES = (
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "categorical_focal_crossentropy",
)
_BINARY_LOSSES = ("binary_crossentropy", "binary_focal_crossentropy")


@mtkd_export("keras_mtkd.LogitDistillation")
class LogitDistillation(Distillation):
    """Brings the student's predictions close to every teacher's.

    With `loss="kl"` the distance follows the loss that a task was compiled with: softened KL
    for a class loss, its Bernoulli form for a binary one (`from_logits` is taken over), and for
    every other head the task's own loss, with the teacher's prediction in place of the label.

    Args:
        tasks: Tasks to distil; `None` for all that have a teacher.
        weight: Factor, or `{task: factor}`.
        temperature: Softening of class predictions, positive.
        loss: `"kl"` as above, or one distance for all tasks: a name, function or
            `keras.losses.Loss` of `(teacher, student)`.
        use_sample_weight: Whether a task's sample weights count here too; False for all samples
            alike, `"missing"` for those without label alone.
        name: Name in logs.

    Raises:
        ValueError: If the temperature is not positive or a weight is negative.

    Source: Hinton, Vinyals and Dean (2015), section 2, a teacher a task as in BAM (Clark et
    al., 2019).
    """

    def __init__(
        self,
        tasks: Iterable[str] | None = None,
        weight: WeightLike = 1.0,
        temperature: float = 4.0,
        loss: LossLike = "kl",
        use_sample_weight: bool | str = True,
        name: str = "logits",
    ) -> None:
        super().__init__(tasks, weight, use_sample_weight, name)
        self.temperature = losses.LogitKL(temperature).temperature
        self.loss = loss if loss == "kl" else losses.get(loss)

    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        if self.loss != "kl":
            return self.loss
        kind, from_logits = loss_kind(task_loss)
        if kind == "class":
            return losses.LogitKL(self.temperature, from_logits)
        if kind == "binary":
            return losses.BinaryLogitKL(self.temperature, from_logits)
        return task_loss

    def get_config(self) -> dict[str, Any]:
        loss = self.loss
        if loss != "kl":
            loss = keras.saving.serialize_keras_object(loss)
        own = {"temperature": self.temperature, "loss": loss, "name": self.name}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LogitDistillation":
        return cls(**config)


def loss_kind(task_loss: keras.losses.Loss) -> tuple[str, bool]:
    """`"class"`, `"binary"` or `"other"`, and whether the loss takes logits."""
    name = getattr(getattr(task_loss, "fn", None), "__name__", task_loss.name)
    from_logits = bool(task_loss.get_config().get("from_logits", False))
    if name in _CLASS_LOSSES:
        return "class", from_logits
    return "binary" if name in _BINARY_LOSSES else "other", from_logits
