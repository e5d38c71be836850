"""Distillation of predictions."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import keras
from keras import ops

from keras_mtkd import losses
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import LossLike, Tensor, WeightLike
from keras_mtkd._storage.arguments import pack
from keras_mtkd.distillation._correction import correct_logits
from keras_mtkd.distillation._own_distance import complete_head, own_distance, takes_probabilities
from keras_mtkd.distillation.base import Distillation
from keras_mtkd.distillation.calibration import PlattCalibrator
from keras_mtkd.distillation.form import form_of
from keras_mtkd.distillation.head import Head, as_logits, as_probabilities, head_of
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.losses.kinds import BINARY, CLASS, KINDS, REGRESSION


@mtkd_export("keras_mtkd.LogitDistillation")
class LogitDistillation(Distillation):
    """Brings the student's predictions close to every teacher's.

    With `loss="kl"` the distance follows the kind of head that a task has: softened KL for
    classes, its Bernoulli form for yes/no answers, and for numbers the task's own loss, with the
    teacher's prediction in place of the label. The kind is that of the loss that the task was
    compiled with; a loss that does not tell needs `kind`.

    Predictions are compared in the form that the student's head has, as logits or as
    probabilities; a teacher's of the other form are converted, before they are calibrated or
    corrected. The form is that of the last activation in a model's graph, else what the loss says
    that the model is compiled with.

    Args:
        tasks: Tasks to distil; `None` for all that have a teacher.
        weight: Factor, or `{task: factor}`.
        temperature: Softening of class predictions, positive.
        loss: `"kl"` as above, or one distance for all tasks: a name, function or
            `keras.losses.Loss` of `(teacher, student)`. This package's read predictions in the
            student's form, Keras' cross-entropies get the teacher's as probabilities.
        use_sample_weight: Whether a task's sample weights count here too; False for all samples
            alike, `"missing"` for those without label alone.
        name: Name in logs.
        calibration: `{task: PlattCalibrator}` for the teachers' logits.
        margin: Error correction: where the label is known, the teacher's logits are moved as far
            as it takes to say so by this margin. `None` leaves them alone.
        source: A task of the student itself whose head teaches, instead of a teacher; `tasks` must
            then be given. No gradient reaches that head from here.
        kind: What heads predict, `"class"`, `"binary"` or `"regression"`, one for all tasks or
            `{task: kind}`; by default what their losses say.
        teacher_from_logits: Whether teachers predict logits, one for all tasks or `{task: bool}`;
            `None` to find out.

    Raises:
        ValueError: If the temperature is not positive, a weight or the margin negative, `kind` none
            of its choices, or `source` given without tasks; when compiled, if it is not known what
            a head predicts or in which form, or a task is to be calibrated or corrected that is
            neither of classes nor of yes/no answers.

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
        kind: str | Mapping[str, str] | None = None,
        teacher_from_logits: bool | Mapping[str, bool] | None = None,
    ) -> None:
        super().__init__(tasks, weight, use_sample_weight, name)
        for given in kind.values() if isinstance(kind, Mapping) else [kind]:
            if given is not None and given not in KINDS:
                raise ValueError(f"`kind` must be one of {KINDS}. Received: kind={kind!r}.")
        if margin is not None and margin < 0:
            raise ValueError(f"`margin` must not be negative. Received: margin={margin}.")
        if source is not None and self.tasks is None:
            raise ValueError(f"Pass the `tasks` that learn from the head '{source}'.")
        self.temperature = losses.LogitKL(temperature).temperature
        self.loss = loss if loss == "kl" else losses.get(loss)
        self.calibration, self.margin, self.source = dict(calibration or {}), margin, source
        self.kind, self.teacher_from_logits = _plain(kind), _plain(teacher_from_logits)

    def head(self, task: str, found: Head) -> Head:
        kind = self.kind.get(task) if isinstance(self.kind, dict) else self.kind
        if self.loss != "kl":
            found = complete_head(found, self.loss)
        return found if kind is None else replace(found, kind=kind)

    def target(self, task: str, prediction: Tensor, step: TrainingStep) -> Tensor:
        head, changed = step.head, self._changes(task)
        as_labels = self.loss != "kl" and takes_probabilities(self.loss)
        if not (changed or as_labels):
            return prediction
        if changed:
            prediction = self._changed(task, as_logits(prediction, head), step)
            head = replace(head, from_logits=True)
        if as_labels or step.head.from_logits is False:
            return as_probabilities(prediction, head)
        return prediction

    def _changes(self, task: str) -> bool:
        return self.margin is not None or task in self.calibration

    def _changed(self, task: str, logits: Tensor, step: TrainingStep) -> Tensor:
        """Logits, calibrated and corrected."""
        head, y, known = step.head, step.y.get(task), step.sample_weight.get(task)
        logits = ops.moveaxis(logits, head.axis, -1)
        if task in self.calibration:
            logits = self.calibration[task](logits)
        if self.margin is not None and y is not None:
            if len(y.shape) == len(logits.shape):
                y = ops.moveaxis(y, head.axis, -1)
            logits = correct_logits(logits, y, known, self.margin, str(head.kind))
        return ops.moveaxis(logits, -1, head.axis)

    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        return self.distance_for(task, task_loss, self.head(task, head_of(None, task_loss)))

    def distance_for(
        self, task: str, task_loss: keras.losses.Loss, head: Head
    ) -> keras.losses.Loss:
        if self._changes(task):
            self._check_logits(task, task_loss, head)
        if self.loss != "kl":
            return own_distance(self.name, task, self.loss, head)
        if head.kind is None:
            raise ValueError(
                f"Distillation '{self.name}' of task '{task}': the loss '{task_loss.name}' does "
                "not say what kind of head it is for, so it is not known how its predictions are "
                "to be compared. Pass `kind='class'` or `kind='binary'` for a softened KL "
                "divergence, `kind='regression'` where the loss takes a teacher's prediction for "
                "the label, or a distance of your own, `loss=`."
            )
        if head.kind == REGRESSION:
            return task_loss
        kl = losses.LogitKL if head.kind == CLASS else losses.BinaryLogitKL
        return kl(self.temperature, form_of(self.name, task, head), axis=head.axis)

    def _check_logits(self, task: str, task_loss: keras.losses.Loss, head: Head) -> None:
        if head.kind not in (CLASS, BINARY):
            raise ValueError(
                f"Distillation '{self.name}' calibrates or corrects task '{task}', which has no "
                f"class or binary loss. Received: {task_loss.name}. If it is one, pass `kind=`."
            )
        form_of(self.name, task, head)

    def get_config(self) -> dict[str, Any]:
        loss = self.loss
        if loss != "kl":
            loss = pack(loss)
        calibration = {task: found.get_config() for task, found in self.calibration.items()}
        own = {"temperature": self.temperature, "loss": loss, "calibration": calibration}
        more = {"margin": self.margin, "source": self.source, "name": self.name}
        forms = {"kind": self.kind, "teacher_from_logits": self.teacher_from_logits}
        return {**super().get_config(), **own, **more, **forms}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LogitDistillation":
        given = config.get("calibration") or {}
        calibration = {task: PlattCalibrator(**found) for task, found in given.items()}
        return cls(**{**config, "calibration": calibration})


def _plain(given: Any) -> Any:
    """A dict of any mapping, which can be saved."""
    return dict(given) if isinstance(given, Mapping) else given
