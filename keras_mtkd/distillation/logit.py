"""Distillation of predictions."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from keras_mtkd import losses
from keras_mtkd._export import mtkd_export
from keras_mtkd._types import LossLike, Tensor, WeightLike
from keras_mtkd.calibration import PlattCalibrator
from keras_mtkd.distillation._correction import as_logits, as_predictions, corrected
from keras_mtkd.distillation.base import Distillation
from keras_mtkd.distillation.training_step import TrainingStep

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
        calibration: `{task: PlattCalibrator}` for the teachers' logits.
        margin: Error correction: where the label is known, the teacher's logits are moved as far
            as it takes to say so by this margin. `None` leaves them alone.
        source: A task of the student itself whose head teaches, instead of a teacher; `tasks` must
            then be given. No gradient reaches that head from here.

    Raises:
        ValueError: If the temperature is not positive, a weight or the margin negative, or
            `source` given without tasks; when compiled, if a task is to be calibrated or corrected
            and has no class or binary loss.

    Source: Hinton, Vinyals and Dean (2015), section 2, a teacher a task as in BAM (Clark et
    al., 2019). Calibration, correction and heads as teachers: CrossDistil (Yang et al., 2022) for
    binary tasks, details reconstructed; for classes this package's extension.
    """

    def __init__(
        self,
        tasks: Iterable[str] | None = None,
        weight: WeightLike = 1.0,
        temperature: float = 4.0,
        loss: LossLike = "kl",
        use_sample_weight: bool | str = True,
        name: str = "logits",
        calibration: Mapping[str, PlattCalibrator] | None = None,
        margin: float | None = None,
        source: str | None = None,
    ) -> None:
        super().__init__(tasks, weight, use_sample_weight, name)
        if margin is not None and margin < 0:
            raise ValueError(f"`margin` must not be negative. Received: margin={margin}.")
        if source is not None and self.tasks is None:
            raise ValueError(f"Pass the `tasks` that learn from the head '{source}'.")
        self.temperature = losses.LogitKL(temperature).temperature
        self.loss = loss if loss == "kl" else losses.get(loss)
        self.calibration, self.margin, self.source = dict(calibration or {}), margin, source

    def target(self, task: str, prediction: Tensor, step: TrainingStep) -> Tensor:
        if self.margin is None and task not in self.calibration:
            return prediction
        loss = step.losses[task]
        kind, from_logits = loss_kind(loss)
        logits = as_logits(prediction, kind, from_logits)
        if task in self.calibration:
            logits = self.calibration[task](logits)
        if self.margin is not None:
            known = step.sample_weight.get(task)
            logits = corrected(logits, step.y[task], known, self.margin, kind)
        return as_predictions(logits, kind, from_logits)

    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        changed = self.margin is not None or task in self.calibration
        if changed and loss_kind(task_loss)[0] == "other":
            raise ValueError(
                f"Distillation '{self.name}' calibrates or corrects task '{task}', which has no "
                f"class or binary loss. Received: {task_loss.name}."
            )
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
        calibration = {task: found.get_config() for task, found in self.calibration.items()}
        own = {"temperature": self.temperature, "loss": loss, "calibration": calibration}
        more = {"margin": self.margin, "source": self.source, "name": self.name}
        return {**super().get_config(), **own, **more}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LogitDistillation":
        given = config.get("calibration") or {}
        calibration = {task: PlattCalibrator(**found) for task, found in given.items()}
        return cls(**{**config, "calibration": calibration})


def loss_kind(task_loss: keras.losses.Loss) -> tuple[str, bool]:
    """`"class"`, `"binary"` or `"other"`, and whether the loss takes logits."""
    name = getattr(getattr(task_loss, "fn", None), "__name__", task_loss.name)
    from_logits = bool(task_loss.get_config().get("from_logits", False))
    if name in _CLASS_LOSSES:
        return "class", from_logits
    return "binary" if name in _BINARY_LOSSES else "other", from_logits
