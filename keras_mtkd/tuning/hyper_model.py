"""Distillation as Keras Tuner searches it."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd.callbacks.delta_mtl import DELTA_MTL, DeltaMTL
from keras_mtkd.distillers.multi_task_distiller import MultiTaskDistiller
from keras_mtkd.distillers.scores import teacher_scores
from keras_mtkd.problem import Problem
from keras_mtkd.tuning import made_from
from keras_mtkd.tuning.global_settings import GlobalSettings
from keras_mtkd.tuning.hyper_parameters import HyperParameterSuggest
from keras_mtkd.tuning.objective import objective
from keras_mtkd.tuning.old_scores import warn_of_old_scores
from keras_mtkd.tuning.rounds import continue_trial, longest_round, search_of
from keras_mtkd.tuning.shared_teachers import shared_teachers
from keras_mtkd.tuning.space import search_space
from keras_mtkd.tuning.students import new_distiller, schedule_callbacks
from keras_mtkd.tuning.traced_gradients import forget_gradients

if TYPE_CHECKING:
    from keras_tuner import HyperModel, Objective
else:
    HyperModel = require("keras_tuner", "tuner").HyperModel
    Objective = Any


@mtkd_export("keras_mtkd.tuning.DistillationHyperModel")
class DistillationHyperModel(HyperModel):
    """The distillations of a problem, for every tuner of Keras Tuner.

    `tuner.search()` needs no arguments: students are trained on the problem's training data and
    judged on its validation data, where every epoch logs `val_delta_mtl`. The teachers are trained
    or loaded when the hypermodel is made, once for all trials, and every trial starts from the
    same seed and sees the data in the same order; further executions of a trial have seeds of
    their own.

    Args:
        problem: The problem.
        epochs: Epochs of a whole run of a student: the learning rates fall, and the stages of SCD
            are planned, over so many. For Hyperband, its `max_epochs`.
        teachers: `{task: model}`; by default they are trained.
        directory: Where teachers that are trained here are kept. A second search loads them.
        teacher_epochs: Epochs of every teacher; by default as many as a student's.
        dimensions: Changes to the space, see `tuning.search_space`.
        student: Function from the choices of a trial to a new student; by default the problem's.
        complexity: As in `SequentialDistillation`. Its own default, `"trial"`, takes the first
            epoch back, so that rounds of one epoch would judge an untrained student.
        seed: Seed of initial weights and order.

    Attributes:
        teachers: `{task: model}`.
        single_task: `{task: score}` of the teachers on the validation data.

    Raises:
        ValueError: If `epochs` is not positive, a task has no teacher, or a dimension does not
            exist.
        ImportError: If Keras Tuner is not installed.
    """

    def __init__(
        self,
        problem: Problem,
        epochs: int,
        teachers: Mapping[str, keras.Model] | None = None,
        directory: str | os.PathLike[str] | None = None,
        teacher_epochs: int | None = None,
        dimensions: Mapping[str, Any] | None = None,
        student: Callable[[dict[str, Any]], keras.Model] | None = None,
        complexity: str = "teacher",
        seed: int = 0,
    ) -> None:
        super().__init__(name=f"{problem.name}_distillation")
        if epochs < 1:
            raise ValueError(f"`epochs` must be at least 1. Received: epochs={epochs}.")
        self.problem, self.epochs = problem, epochs
        # Training anew need not give the same teachers to the last bit.
        repeated = teachers is None and directory is None
        self._teacher_epochs = teacher_epochs or epochs if repeated else None
        if teachers is None:
            teachers = shared_teachers(problem, teacher_epochs or epochs, directory)
        lacking = [task for task in problem.tasks if task not in teachers]
        if lacking:
            raise ValueError(f"Δ_MTL needs a teacher for every task. There is none: {lacking}.")
        self.teachers = dict(teachers)
        self.single_task = teacher_scores(self.teachers, problem.tasks, problem.validation)
        self.dimensions, self.student = dict(dimensions or {}), student
        self.complexity, self.seed = complexity, seed
        self._settings = GlobalSettings()
        self._built_last: tuple[dict[str, Any], int] = ({}, 0)

    def choices(self, hp: Any) -> dict[str, Any]:
        """What the hyperparameters of a trial say, as `tuning.search_space` gives it."""
        return search_space(HyperParameterSuggest(hp), self.problem, self.dimensions)

    def objective(self, name: str = DELTA_MTL, direction: str | None = None) -> Objective:
        """An objective with a direction, see `tuning.objective`.

        It knows what this hypermodel's trials are made from, and warns when it ranks others'.
        """
        made = objective(name, direction, self.problem.tasks)
        made.made_from = self._made_from
        return made

    def build(self, hp: Any) -> MultiTaskDistiller:
        """A new compiled distiller."""
        self._settings.restore()
        choices = self.choices(hp)
        keras.utils.set_random_seed(self.seed + self._execution(hp))
        student = None if self.student is None else self.student(choices)
        return new_distiller(self.problem, self.teachers, choices, self.epochs, student)

    def fit(self, hp: Any, model: MultiTaskDistiller, *args: Any, **kwargs: Any) -> Any:
        """Train a student as `model.fit` does; by default on the problem's data.

        Returns:
            The `History`.

        Raises:
            FatalValueError: If it is to train for more than `epochs`.
        """
        given = kwargs.pop("callbacks", None) or []
        kwargs.setdefault("epochs", self.epochs)
        self._check_epochs(max(kwargs["epochs"], longest_round(given)))
        # An objective that is a string, or in a list, does not notice other scores itself.
        tuner, trial = search_of(given)
        if tuner is not None:
            made_from.keep(Path(tuner.get_trial_dir(trial.trial_id)), self._made_from)
            warn_of_old_scores(tuner.oracle, self._made_from)
        if not args and "x" not in kwargs:
            kwargs["x"] = self.problem.train
            if hasattr(self.problem.train, "reset"):
                self.problem.train.reset(self.seed)
        kwargs.setdefault("validation_data", self.problem.validation)
        kwargs["callbacks"] = [
            *continue_trial(given),
            DeltaMTL(self.problem.tasks, self.single_task),
            *schedule_callbacks(self.problem, self.choices(hp), self.epochs, self.complexity),
            *given,
        ]
        with forget_gradients():
            return model.fit(*args, **kwargs)

    @cached_property
    def _made_from(self) -> dict[str, Any]:
        """What decides the scores of trials and is not drawn."""
        return made_from.content_of(
            self.problem,
            self.teachers if self._teacher_epochs is None else None,
            self.dimensions,
            teacher_epochs=self._teacher_epochs,
            epochs=int(self.epochs),
            seed=int(self.seed),
            complexity=str(self.complexity),
        )

    def _check_epochs(self, epochs: int) -> None:
        if epochs > self.epochs:
            # Any other error would count as a failed trial, and the search would go on.
            raise require("keras_tuner.errors", "tuner").FatalValueError(
                f"A student is planned for {self.epochs} epochs and is to train for {epochs}. Make "
                f"the hypermodel with `epochs={epochs}`; for Hyperband they are `max_epochs`."
            )

    def _execution(self, hp: Any) -> int:
        """How often the same trial was built before."""
        values, times = self._built_last
        times = times + 1 if values == hp.values else 0
        self._built_last = (dict(hp.values), times)
        return times
