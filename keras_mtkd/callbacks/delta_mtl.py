"""Δ_MTL while training."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.warn import warn
from keras_mtkd._data.read_once import is_read_once
from keras_mtkd.distillers.scores import teacher_scores
from keras_mtkd.metrics import delta_mtl, relative_changes
from keras_mtkd.task import Task, listed_tasks

DELTA_MTL = "val_delta_mtl"


@mtkd_export("keras_mtkd.callbacks.DeltaMTL")
class DeltaMTL(keras.callbacks.Callback):
    """Logs `val_delta_mtl` after every epoch with validation, in percent, up is better.

    Serves a `MultiTaskDistiller` and any Keras model with dict outputs that was compiled with the
    tasks' metrics. Keras hands the logs of an epoch from callback to callback in the order of the
    list: put this one before those that are to see it (`EarlyStopping`, `ModelCheckpoint`,
    `CSVLogger`, `TensorBoard`). History, the last of all, always has it.

    A task without any label in the validation data has no score, and is left out with a warning:
    Δ_MTL is then the mean over the others, and NaN without any. A distiller knows such tasks; of
    other models their scores are taken as Keras logs them.

    Args:
        tasks: `problem.tasks`, or the tasks in a list: their `score` and which way is up.
        single_task: `{task: score}` of single-task models on the validation data. By default the
            scores of the teachers, measured once, when training begins.
        teachers: `{task: model}`, functional, to measure; by default those of the distiller.
        data: Labelled data to measure them on; by default the distiller's validation data.

    Attributes:
        single_task: The scores that are compared with.

    Raises:
        ValueError: If a single-task score is missing or 0, or neither scores nor teachers and data
            are there when training begins; after an epoch, if validation did not log a task's
            score.
        TypeError: If the tasks are no `Task`s, as their names are.

    Examples:
        >>> callback = DeltaMTL([Task("depth", None, "mse", ["mae"], higher_is_better=False)],
        ...                     single_task={"depth": 0.5})
        >>> logs = {"val_mae": 0.4}
        >>> callback.on_epoch_end(0, logs)
        >>> round(logs["val_delta_mtl"], 3)
        20.0

    Source: Vandenhende et al., "Multi-Task Learning for Dense Prediction Tasks: A Survey" (2021),
    equation for the multi-task performance Δ_m.
    """

    def __init__(
        self,
        tasks: Mapping[str, Task] | Iterable[Task],
        single_task: Mapping[str, float] | None = None,
        teachers: Mapping[str, keras.Model] | None = None,
        data: Any = None,
    ) -> None:
        super().__init__()
        self.tasks = {task.name: task for task in listed_tasks(tasks)}
        self.single_task = None if single_task is None else dict(single_task)
        self.teachers, self.data = teachers, data
        self._seen, self._left_out = False, set[str]()
        if self.single_task is not None:
            delta_mtl(self.single_task, self.single_task, self.tasks)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._seen = False
        self._left_out.clear()
        if self.single_task is None:
            measured = self._measured()
            known = [t for t in self.tasks.values() if not math.isnan(measured[t.name])]
            relative_changes(measured, measured, known)
            self.single_task = measured

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is None or not any(name.startswith("val_") for name in logs):
            return
        single = self.single_task or {}
        tasks = [task for name, task in self.tasks.items() if not self._leave_out(name, single)]
        results = {task.name: float(logs[self._key(task.name, logs)]) for task in tasks}
        logs[DELTA_MTL] = delta_mtl(results, single, tasks) if tasks else math.nan
        self._seen = True

    def _leave_out(self, task: str, single: Mapping[str, float]) -> bool:
        """Whether a task was not measured; said once a training."""
        unlabelled = task in getattr(self.model, "unlabelled_tasks", ())
        if not (unlabelled or math.isnan(single.get(task, 0.0))):
            return False
        if task not in self._left_out:
            self._left_out.add(task)
            why = "no label in the validation data" if unlabelled else "no single-task score (NaN)"
            warn(
                f"`{DELTA_MTL}` leaves out task '{task}', which has {why}: it is the mean over the "
                "other tasks.",
            )
        return True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if not self._seen:
            warn(
                f"No epoch was validated, so `{DELTA_MTL}` was never logged. "
                "Pass `validation_data` to `fit`.",
            )

    def _measured(self) -> dict[str, float]:
        """Scores of the single-task models on the validation data."""
        given = getattr(self.model, "teachers", {}) if self.teachers is None else self.teachers
        data = getattr(self.model, "fit_validation_data", None) if self.data is None else self.data
        missing = [task for task in self.tasks if task not in given]
        if missing or data is None or is_read_once(data):
            lacks = (
                "no validation data" if data is None else "validation data for one reading alone"
            )
            lacks = f"no teacher of '{missing[0]}'" if missing else lacks
            raise ValueError(
                f"Δ_MTL compares with single-task models, and there is {lacks}. Pass "
                "`DeltaMTL(tasks, single_task={task: score})`, or `teachers=` and `data=`; of a "
                "distiller, `validation_data` of `fit` that can be read again serves too, and "
                "`validation_split` of arrays."
            )
        return teacher_scores({task: given[task] for task in self.tasks}, self.tasks, data)

    def _key(self, task: str, logs: Mapping[str, Any]) -> str:
        """The name of a task's score in logs."""
        score = self.tasks[task].score
        # Keras leaves the task out of the names where there is only one.
        names = [f"val_{task}_{score}", *([f"val_{score}"] if len(self.tasks) == 1 else [])]
        for name in names:
            if name in logs:
                return name
        raise ValueError(
            f"Validation did not log '{names[0]}', the score of task '{task}'. Compile the model "
            f"with the tasks' metrics. Logged: {sorted(n for n in logs if n.startswith('val_'))}."
        )
