"""A word where distillation is drowned out by a loss on another scale."""

import math
import warnings
from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd.distillers.loss_trackers import distance_name, lesson_name, loss_name
from keras_mtkd.distillers.terms import Lesson
from keras_mtkd.losses._kinds import is_squared, kind_of

_FAR_APART = 1000.0
# Of what is almost learnt the gradient may well be small.
_LEARNT = 0.01


class DistillationShare(keras.callbacks.Callback):
    """Warns once, after an epoch, of distances that have less than a thousandth of the gradient.

    By the order of magnitude, from the logged means alone: losses of value `v` have a gradient of
    about `2 sqrt(v)`, and all but squared errors one of 2 at most. Weights are those that are
    fixed; a task loss of weight 0 counts with 1, since a schedule may have turned it off for now.

    `fit` of a distiller adds it by itself.
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        plan = self.model._plan
        if plan.shares_seen:
            return
        plan.shares_seen = True
        for lesson in plan.lessons:
            weight = plan.task_weights.get(lesson.task, 1.0) or 1.0
            label = (logs or {}).get(loss_name(lesson.task))
            distance = _distance(lesson, plan.lessons, logs or {})
            if label is None or distance is None:
                continue
            ratio = _ratio(lesson, weight, plan.losses[lesson.task], float(label), distance)
            if ratio > _FAR_APART:
                warnings.warn(
                    f"The loss of task '{lesson.task}' and distillation "
                    f"'{lesson.distillation.name}' are on different scales: by their values, "
                    f"{float(label):.3g} and {distance:.3g}, the gradient of the loss is about "
                    f"{ratio:.0e} times that of the distance, which teaches next to nothing. "
                    "Standardise the labels, raise the distillation's `weight`, or lower "
                    "`task_weights`.",
                    stacklevel=2,
                )


def _distance(lesson: Lesson, lessons: list[Lesson], logs: Mapping[str, Any]) -> float | None:
    """The mean of a lesson's distance, without its weight; `None` if it was off or not measured."""
    alone = sum(other.task == lesson.task for other in lessons) == 1
    found = logs.get(distance_name(lesson.task) if alone else lesson_name(lesson))
    if not found or not lesson.weight or not math.isfinite(found):
        return None
    # The sum over a task's lessons is weighted, the single ones are not.
    return float(found) / lesson.weight if alone else float(found)


def _ratio(lesson: Lesson, weight: float, loss: Any, label: float, distance: float) -> float:
    """How many times the gradient of the label's loss is that of the distance."""
    theirs = lesson.weight * _slope(lesson.distance, max(distance, _LEARNT))
    own = weight * _slope(loss, max(label, 0.0))
    return own / theirs if math.isfinite(own) else 0.0


def _slope(loss: Any, value: float) -> float:
    """About the gradient of a loss where it has a value."""
    bounded = kind_of(loss).predicts is not None and not is_squared(loss)
    return 2 * (min(math.sqrt(value), 1.0) if bounded else math.sqrt(value))
