"""How hard tasks are and how far the student is, measured on one probe set."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd.indicators import Constant, probe_losses
from keras_mtkd.scheduling import complexity_from_losses, student_excess, student_gap


class Indicator:
    """Performance indicators of a distiller's tasks that have a teacher.

    Args:
        distiller: The compiled `MultiTaskDistiller`.
        data: Labelled data; by default its validation data, else its training data.
        samples: Samples to look at.

    Raises:
        ValueError: When something is measured, if there is no data.
    """

    def __init__(self, distiller: Any, data: Any, samples: int) -> None:
        self.distiller, self.data, self.samples = distiller, data, samples
        self._teacher_losses: dict[str, float] | None = None

    def teacher_losses(self) -> dict[str, float]:
        """Losses of the teachers, measured once."""
        if self._teacher_losses is None:
            self._teacher_losses = self._probe(self.distiller.teachers)
        return self._teacher_losses

    def share_left(self) -> dict[str, float]:
        """The share of the student's loss that the teachers have left."""
        return complexity_from_losses(self.teacher_losses(), self._student_losses())

    def gap(self) -> dict[str, float]:
        """How far the student is from its teachers, see `scheduling.student_gap`."""
        return student_gap(self._student_losses(), self.teacher_losses())

    def excess(self) -> dict[str, float]:
        """What the student loses against its teachers, see `scheduling.student_excess`."""
        data, student = self._labelled(), self.distiller.student
        constant = self._probe(self._for_all(Constant(student, data, self.samples)))
        return student_excess(self._student_losses(), self.teacher_losses(), constant)

    def _student_losses(self) -> dict[str, float]:
        return self._probe(self._for_all(self.distiller.student))

    def _for_all(self, model: Any) -> dict[str, Any]:
        return dict.fromkeys(self.distiller.teachers, model)

    def _probe(self, models: Mapping[str, keras.Model]) -> dict[str, float]:
        return probe_losses(models, self.distiller.task_losses, self._labelled(), self.samples)

    def _labelled(self) -> Any:
        choices = (self.data, self.distiller.fit_validation_data, self.distiller.fit_data)
        for data in choices:
            if data is not None:
                return data
        raise ValueError("There is no data for indicators. Pass `data=` or `complexity=`.")
