"""What is compared with what in online distillation."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.ends import prediction
from keras_mtkd._graph.modes import mend
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.distillation import FeatureDistillation
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.distillers.online.adaptive_l2 import AdaptiveL2
from keras_mtkd.distillers.online.checks import check_distillation, check_singles
from keras_mtkd.distillers.terms import Term


class OnlineWiring:
    """All that `OnlineKD` must not track itself: Keras would wrap these dicts and lists.

    Args:
        student: Functional model with dict outputs.
        singles: `{task: model}`, one for every task of the student.
        distillation: `FeatureDistillation`s.

    Attributes:
        distillations: The ways of distilling.
        student: The student with its taps.
        singles: `{task: model with its taps}`.
        terms: What the student learns from the networks, task by task.

    Raises:
        TypeError: If models or distillations are of the wrong kind.
        ValueError: If a task has no network or a network no task, or a tap does not exist or fit.
    """

    def __init__(
        self,
        student: keras.Model,
        singles: Mapping[str, keras.Model],
        distillation: Iterable[Any],
    ) -> None:
        check_singles(student, singles)
        tasks = list(student.output)
        self.distillations = check_distillation(distillation, tasks)
        self.terms = [
            Term(task, way) for task in tasks for way in self.distillations if _of(way, task)
        ]
        self.student = TappedModel(
            student, [each.distillation.student_tap(each.task) or "" for each in self.terms]
        )
        self.singles = {task: self._tapped(task, singles[task]) for task in tasks}
        for term in self.terms:
            term.connect(self.student.shapes, self.singles[term.task].shapes)

    def _tapped(self, task: str, model: keras.Model) -> TappedModel:
        paths = [
            each.distillation.teacher_tap(task) or "" for each in self.terms if each.task == task
        ]
        mend(model, f"single-task network of '{task}'")
        return TappedModel(model, paths)

    def adapt(self, sigma: Mapping[str, keras.Variable]) -> None:
        """Give every term its distance.

        Args:
            sigma: `{term's key: scalar weight}`.
        """
        losses = {way.name: way.loss for way in self.distillations}
        for term in self.terms:
            term.distance = AdaptiveL2(losses[term.distillation.name], sigma[term.key])

    def run_singles(self, x: Any) -> tuple[dict[str, Tensor], dict[str, dict[str, Tensor]]]:
        """Run every single-task network once, in training.

        Returns:
            Predictions `{task: tensor}`, and taps `{task: {path: tensor}}` through which no
            gradient passes.
        """
        predictions, taps = {}, {}
        for task, single in self.singles.items():
            outputs, seen = single(x, training=True)
            predictions[task] = prediction(outputs, task)
            taps[task] = {path: ops.stop_gradient(tap) for path, tap in seen.items()}
        return predictions, taps

    def distances(
        self, step: TrainingStep, adapted: Mapping[str, Tensor], taps: Mapping[str, Any]
    ) -> list[Tensor]:
        """The distance of every term, float32 scalars."""
        return [term.measure(adapted[term.key], {}, taps[term.task], step) for term in self.terms]


def _of(way: FeatureDistillation, task: str) -> bool:
    return way.tasks is None or task in way.tasks
