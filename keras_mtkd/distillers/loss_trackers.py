"""Means of the single losses, as they appear in logs."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

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


class LabelsSeen(keras.metrics.Metric):
    """Which tasks' labels were looked for since the last reset, and which had one.

    One variable for all tasks, and no value of its own in logs: Keras resets metrics variable by
    variable at every `train_on_batch`.
    """

    def __init__(self, tasks: Iterable[str]) -> None:
        super().__init__(name="labels_seen", dtype="float32")
        self.tasks = list(tasks)
        self.seen = self.add_variable((2, len(self.tasks)), "zeros", name="seen")

    def update_state(self, labelled: Mapping[str, Tensor]) -> None:
        """Note of a batch whether it has a label, `{task: boolean}` of those looked for."""
        looked_for = [float(task in labelled) for task in self.tasks]
        found = [ops.cast(labelled.get(task, False), self.dtype) for task in self.tasks]
        noted = ops.stack([ops.convert_to_tensor(looked_for, self.dtype), ops.stack(found)])
        self.seen.assign(ops.maximum(self.seen, noted))

    def result(self) -> dict[str, Tensor]:
        return {}

    def mark(self, results: Mapping[str, Any]) -> dict[str, Any]:
        """Results with NaN, and not 0, for the loss of a task that was found to have no label."""
        unlabelled = ops.unstack(ops.logical_and(self.seen[0] > 0, ops.equal(self.seen[1], 0)))
        marked = {
            loss_name(task): ops.where(nothing, float("nan"), results[loss_name(task)])
            for task, nothing in zip(self.tasks, unlabelled, strict=True)
        }
        return {**results, **marked}

    def found(self) -> dict[str, bool | None]:
        """Whether each task had a label, `None` if none was looked for."""
        looked_for, found = ops.convert_to_numpy(self.seen)
        return {
            task: bool(found[i]) if looked_for[i] else None for i, task in enumerate(self.tasks)
        }


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
