"""Means of the single losses, as they appear in logs."""

from collections.abc import Iterable

import keras

from keras_mtkd._backend.keras_compat import unscale_loss_for_distribution
from keras_mtkd._backend.types import Tensor
from keras_mtkd.distillers.terms import Term

Means = dict[str, keras.metrics.Mean]


def loss_name(task: str) -> str:
    """The name of a task's loss in logs."""
    return f"{task}_loss"


def distance_name(task: str) -> str:
    """The name of a task's weighted sum of distances in logs."""
    return f"{task}_distillation_loss"


def term_name(term: Term) -> str:
    """The name of one term's distance in logs."""
    return f"{term.task}_{term.distillation.name}_distillation_loss"


def single_loss_name(task: str) -> str:
    """The name of a single-task network's loss in logs."""
    return f"{task}_single_loss"


def weight_name(objective: str) -> str:
    """The name of an objective's weight in logs."""
    return f"{objective}_loss_weight"


def loss_means(tasks: Iterable[str]) -> Means:
    """A mean for every task's loss."""
    return _means(map(loss_name, tasks))


def single_loss_means(tasks: Iterable[str]) -> Means:
    """A mean for the loss of every task's single-task network."""
    return _means(map(single_loss_name, tasks))


def weight_means(objectives: Iterable[str]) -> Means:
    """A mean for the weight of every objective that is weighted by its value."""
    return _means(map(weight_name, objectives))


def distance_means(terms: list[Term]) -> Means:
    """A mean for every task that is taught, and for each term where a task has several."""
    tasks = [term.task for term in terms]
    several = [term_name(term) for term in terms if tasks.count(term.task) > 1]
    return _means([*map(distance_name, dict.fromkeys(tasks)), *several])


def record(means: Means, name: str, value: Tensor, count: Tensor) -> None:
    """Add a value that stands for `count` samples, if there is a mean of that name."""
    if name in means:
        means[name].update_state(unscale_loss_for_distribution(value), sample_weight=count)


def _means(names: Iterable[str]) -> Means:
    return {name: keras.metrics.Mean(name=name) for name in names}
