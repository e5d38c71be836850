"""A word about teachers of quantities that answer in other units than the labels have."""

from typing import Any

import keras

from keras_mtkd._backend.warn import warn
from keras_mtkd._graph.ends import prediction
from keras_mtkd.distillation.units import units_in
from keras_mtkd.distillers.terms import TeacherBranch, Term
from keras_mtkd.losses.kinds import REGRESSION


class TeacherUnits(keras.callbacks.Callback):
    """Warns once, before the first step, of teachers in other units, see `distillation.units`.

    Of tasks whose teacher's predictions are distilled, from the first batch, or the first samples
    of arrays. `fit` of a distiller adds it by itself.
    """

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        wiring, losses = self.model.wiring, self.model.task_losses
        if wiring.other_units is not None:
            return
        # Of several terms of a task one tells as much as all.
        asked = {term.task: (branch, term) for branch in wiring.branches for term in _read(branch)}

        def predict(x: Any) -> dict[str, Any]:
            outputs = {id(branch): branch.teacher(x)[0] for branch, _ in asked.values()}
            return {
                task: prediction(outputs[id(branch)], term.teacher_task)
                for task, (branch, term) in asked.items()
            }

        wiring.other_units = units_in(
            self.model.fit_data, {task: losses[task] for task in asked}, predict
        )
        for task, found in wiring.other_units.items():
            warn(found.warning(task))


def _read(branch: TeacherBranch) -> list[Term]:
    """The terms by which a teacher's predictions of quantities are distilled."""
    terms = [] if branch.teacher is None else branch.terms
    read = [term for term in terms if term.distillation.compares_predictions(term.task)]
    return [term for term in read if term.head.kind == REGRESSION]
