"""Means of the single losses, as they appear in logs."""

from collections.abc import Iterable

import keras

from keras_mtkd._compat import unscale_loss_for_distribution
from keras_mtkd._types import Tensor
from keras_mtkd.lessons import Lesson

Means = dict[str, keras.metrics.Mean]


def loss_name(task: str) -> str:
    """The name of a task's loss in logs."""
    return f"{task}_loss"


def distance_name(task: str) -> str:
    """The name of a task's weighted sum of distances in logs."""
    return f"{task}_distillation_loss"


def lesson_name(lesson: Lesson) -> str:
    """The name of one lesson's distance in logs."""
    return f"{lesson.task}_{lesson.distillation.name}_distillation_loss"


def weight_name(objective: str) -> str:
    """The name of an objective's weight in logs."""
    return f"{objective}_loss_weight"


def loss_means(tasks: Iterable[str]) -> Means:
    """A mean for every task's loss."""
    return _means(map(loss_name, tasks))


def weight_means(objectives: Iterable[str]) -> Means:
    """A mean for the weight of every objective that is weighted by its value."""
    return _means(map(weight_name, objectives))


def distance_means(lessons: list[Lesson]) -> Means:
    """A mean for every task that is taught, and for each lesson where a task has several."""
    tasks = [lesson.task for lesson in lessons]
    several = [lesson_name(lesson) for lesson in lessons if tasks.count(lesson.task) > 1]
    return _means([*map(distance_name, dict.fromkeys(tasks)), *several])


def record(means: Means, name: str, value: Tensor, count: Tensor) -> None:
    """Add a value that stands for `count` samples, if there is a mean of that name."""
    if name in means:
        means[name].update_state(unscale_loss_for_distribution(value), sample_weight=count)


def _means(names: Iterable[str]) -> Means:
    return {name: keras.metrics.Mean(name=name) for name in names}
