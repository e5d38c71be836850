"""How hard tasks are and how far the student is, measured on one probe set."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import keras

from keras_mtkd._backend.warn import warn
from keras_mtkd._data.read_once import is_read_once
from keras_mtkd.distillation.form import forms_of_teachers
from keras_mtkd.distillation.head import head_of
from keras_mtkd.metrics.probe_losses import Constant, probe_losses
from keras_mtkd.scheduling.complexity import complexity_from_losses, student_excess, student_gap


class Indicator:
    """Performance indicators of a distiller's tasks that have a teacher.

    A task that has no label in what is looked at is as hard as the others are on average, with a
    warning.

    Args:
        distiller: The compiled `MultiTaskDistiller`.
        data: Labelled data; by default its validation data, or for tasks without labels there its
            training data.
        samples: Samples to look at.

    Raises:
        ValueError: When something is measured, if there is no data.
    """

    def __init__(self, distiller: Any, data: Any, samples: int) -> None:
        self.distiller, self.data, self.samples = distiller, data, samples
        self._teacher_losses: dict[str, float] | None = None
        self._told: set[str] = set()

    def teacher_losses(self) -> dict[str, float]:
        """Losses of the teachers, by which those of the tasks are scaled."""
        return self._completed(self._of_teachers())

    def _of_teachers(self) -> dict[str, float]:
        """Losses of the teachers, measured once in the distiller's life.

        A run that goes on may begin with other samples, and would then weigh tasks otherwise.
        """
        if self._teacher_losses is None:
            state, teachers = self.distiller.schedule, self.distiller.teachers
            kept = state.teacher_losses or {}
            if not kept.keys() >= teachers.keys():
                measured = self._probe(teachers, self._forms())
                state.teacher_losses = measured
                # As they are kept, in the precision of weights.
                kept = {**measured, **(state.teacher_losses or {})}
            self._teacher_losses = kept
        return self._teacher_losses

    def share_left(self) -> dict[str, float]:
        """The share of the student's loss that the teachers have left."""
        return self._compared(complexity_from_losses, self._of_teachers(), self._student_losses())

    def gap(self) -> dict[str, float]:
        """How far the student is from its teachers, a share of its loss."""
        return self._compared(student_gap, self._student_losses(), self._of_teachers())

    def excess(self) -> dict[str, float]:
        """What the student loses against its teachers, see `scheduling.student_excess`."""
        data, student = self._labelled()[0], self.distiller.student
        losses = self.distiller.task_losses
        axes = {task: head_of(out, losses[task]).axis for task, out in student.output.items()}
        constant = self._probe(self._for_all(Constant(student, data, self.samples, axes)))
        return self._compared(student_excess, self._student_losses(), self._of_teachers(), constant)

    def _compared(
        self, compare: Callable[..., dict[str, float]], *losses: Mapping[str, float]
    ) -> dict[str, float]:
        """An indicator of all tasks, from losses of those that were measured."""
        known = [task for task in losses[0] if not any(math.isnan(each[task]) for each in losses)]
        values = compare(*({task: each[task] for task in known} for each in losses))
        return self._completed({task: values.get(task, math.nan) for task in losses[0]})

    def _completed(self, values: Mapping[str, float]) -> dict[str, float]:
        """The mean of the others for every task that was not measured."""
        known = {task: value for task, value in values.items() if not math.isnan(value)}
        missing = [task for task in values if task not in known]
        if new := sorted(set(missing) - self._told):
            self._told.update(new)
            warn(
                f"There is no label of {new} among the first {self.samples} samples that "
                "indicators look at, so they count as the mean of the other tasks. Pass `data=` "
                "with labels of them, or `complexity=`.",
            )
        mean = sum(known.values()) / len(known) if known else 1.0
        return {task: known.get(task, mean) for task in values}

    def _student_losses(self) -> dict[str, float]:
        return self._probe(self._for_all(self.distiller.student))

    def _for_all(self, model: Any) -> dict[str, Any]:
        return dict.fromkeys(self.distiller.teachers, model)

    def _forms(self) -> dict[str, Any]:
        """What is to be done to teachers' predictions before they are measured."""
        model = self.distiller
        return forms_of_teachers(
            model.student, model.task_losses, model.teachers, model.distillations
        )

    def _probe(
        self, models: Mapping[str, keras.Model], forms: Mapping[str, Any] | None = None
    ) -> dict[str, float]:
        losses, found = self.distiller.task_losses, dict.fromkeys(models, math.nan)
        for data in self._labelled():
            left = {task: model for task, model in models.items() if math.isnan(found[task])}
            if left:
                found.update(probe_losses(left, losses, data, self.samples, forms))
        return found

    def _labelled(self) -> list[Any]:
        """The data to look at, and after that the data for tasks without labels there."""
        choices = (self.data, self.distiller.fit_validation_data, self.distiller.fit_data)
        given = [data for data in choices if data is not None]
        if not given:
            raise ValueError("There is no data for indicators. Pass `data=` or `complexity=`.")
        return given[:1] + [data for data in given[1:] if not is_read_once(data)]
