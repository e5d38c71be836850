"""A word about teachers that answer in other units than the labels have, or the reverse."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras

from keras_mtkd._backend.warn import warn
from keras_mtkd._graph.ends import prediction
from keras_mtkd.distillation.against_labels import against_labels
from keras_mtkd.distillation.head import Head, head_of_model
from keras_mtkd.distillation.reversed_answers import may_be_reversed
from keras_mtkd.distillation.units import OtherUnits
from keras_mtkd.distillers.terms import TeacherBranch, Term
from keras_mtkd.losses.kinds import REGRESSION


class TeacherUnits(keras.callbacks.Callback):
    """Warns once, before the first step, of teachers that do not mean what the labels do.

    See `distillation.against_labels`. Of tasks whose teacher's predictions are distilled, from the
    first batch, or the first samples of arrays. `fit` of a distiller adds it by itself.
    """

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        wiring, losses = self.model.wiring, self.model.task_losses
        if wiring.other_units is not None:
            return
        # Of several terms of a task one tells as much as all.
        student = self.model.student
        asked = {
            term.task: (branch, term)
            for branch in wiring.branches
            for term in _read(branch, student)
        }

        def predict(x: Any) -> dict[str, Any]:
            outputs = {id(branch): branch.teacher(x)[0] for branch, _ in asked.values()}
            return {
                task: prediction(outputs[id(branch)], term.teacher_task)
                for task, (branch, term) in asked.items()
            }

        found = against_labels(
            self.model.fit_data,
            {task: losses[task] for task in asked},
            {task: _head(term, wiring.teachers) for task, (_, term) in asked.items()},
            predict,
        )
        wiring.other_units = {
            task: units for task, units in found.items() if isinstance(units, OtherUnits)
        }
        for task, amiss in found.items():
            warn(amiss.warning(task))


def _read(branch: TeacherBranch, student: keras.Model) -> list[Term]:
    """The terms by which a teacher's predictions are distilled, of tasks that it can be told of."""
    terms = [] if branch.teacher is None else branch.terms
    read = [term for term in terms if term.distillation.compares_predictions(term.task)]
    return [
        term
        for term in read
        if term.head.kind == REGRESSION
        or (_means_labels(term) and may_be_reversed(term.head, student.output[term.task].shape[-1]))
    ]


def _means_labels(term: Term) -> bool:
    """Whether a teacher's yes is to be one of the labels: as it is, and of the same task."""
    calibrated = term.task in getattr(term.distillation, "calibration", {})
    return term.teacher_task == term.task and not calibrated


def _head(term: Term, teachers: Mapping[str, keras.Model]) -> Head:
    """What the teacher's own predictions are."""
    stated = term.distillation.stated_form(term.task)
    if stated is None and term.teacher_task in teachers:
        stated = head_of_model(teachers[term.teacher_task], term.teacher_task).from_logits
    return replace(term.head, from_logits=stated)
