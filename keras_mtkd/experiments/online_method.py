"""Online distillation as a method of comparisons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from keras_mtkd.distillers.online import OnlineKD
from keras_mtkd.experiments._registry import register
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.ways import features
from keras_mtkd.problem import Problem
from keras_mtkd.teachers.fitting import new_optimizer, steps_per_epoch

_WARMUP = 2


@dataclass(frozen=True)
class OnlineMethod(Method):
    """Trains new single-task networks along instead of learning from finished teachers.

    The epochs are those of all methods, warm-up included: the student is trained for the rest.

    Args:
        temperature: Of the task weights; they are equal where it is large.
    """

    temperature: float = 0.1

    def check(
        self, problem: Problem, teachers: Mapping[str, keras.Model], settings: Settings
    ) -> None:
        super().check(problem, {task: problem.single(task) for task in problem.tasks}, settings)

    def learner(
        self, problem: Problem, teachers: Mapping[str, keras.Model], settings: Settings
    ) -> Any:
        student = self.student(problem)
        singles = {task: problem.single(task) for task in problem.tasks}
        # Never so long that a short run leaves nothing for the student.
        warmup = min(_WARMUP, settings.epochs // 2)
        ways = self.distillation(problem, settings)
        learner = OnlineKD(student, singles, ways, warmup, self.temperature)
        steps = steps_per_epoch(problem.train)
        # Rates fall over the steps in which they are used.
        taught, whole = (settings.epochs - warmup) * steps, settings.epochs * steps
        adaptors = new_optimizer(settings.adaptor_learning_rate, taught, settings.adaptor_decay)
        learner.compile(
            optimizer=new_optimizer(settings.learning_rate, taught, settings.decay),
            adaptor_optimizer=adaptors,
            singles_optimizer=new_optimizer(settings.learning_rate, whole, settings.decay),
            loss=problem.losses(),
            metrics=problem.metrics(),
            train_metrics=settings.train_metrics,
        )
        return learner


register(
    {
        "online-kd": OnlineMethod(
            "OnlineKD",
            features,
            summary="Single-task networks train along (Jacob et al., 2023).",
        ),
        "online-kd-equal": OnlineMethod(
            "OnlineKD, equal weights",
            features,
            summary="OnlineKD without its weighting of the tasks.",
            temperature=1e6,
        ),
    },
    family="Online distillation: there are no teachers yet, one run makes both",
)
