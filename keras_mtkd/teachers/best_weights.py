"""The weights of a model's best epoch, for a model that may be part of what is trained."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd.metrics.delta_mtl import relative_changes
from keras_mtkd.task import Task

Value = Callable[[Mapping[str, Any]], float]


class BestWeights(keras.callbacks.Callback):
    """Gives a model the weights of its best epoch when training has ended.

    Unlike `keras.callbacks.EarlyStopping(restore_best_weights=True)` it looks after one model of
    those that are trained together, each of which may have another best epoch, and NaN is never
    the best. Of equal epochs the first counts.

    Args:
        value: How good it is, from the logs of an epoch; up is better, and NaN says nothing.
        part: The model, where it is part of what is trained; by default the student of that.

    Attributes:
        best_epoch: Counted from 0; `None` if no epoch had a finite value, where the weights of the
            last one stay.
        best: Its value.

    Examples:
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> keep = BestWeights(lambda logs: logs["val_accuracy"], model)
        >>> for epoch, accuracy in enumerate([0.5, 0.8, 0.7]):
        ...     keep.on_epoch_end(epoch, {"val_accuracy": accuracy})
        >>> keep.best_epoch, keep.best
        (1, 0.8)
    """

    def __init__(self, value: Value, part: keras.Model | None = None) -> None:
        super().__init__()
        self._value, self._part = value, part
        self._weights: list[np.ndarray] = []
        self.best_epoch: int | None = None
        self.best = -math.inf

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        value = self._value(logs or {})
        if math.isfinite(value) and value > self.best:
            self.best, self.best_epoch = value, epoch
            self._weights = self._kept().get_weights()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self.best_epoch is not None:
            self._kept().set_weights(self._weights)
            self._weights = []

    def _kept(self) -> keras.Model:
        return self.model.student if self._part is None else self._part


def validation_score(logs: Mapping[str, Any], task: Task) -> float:
    """The score of a task on validation data, from the logs of an epoch; NaN if it is not there."""
    # Keras leaves the task out of the names where there is only one.
    for name in (f"val_{task.name}_{task.score}", f"val_{task.score}"):
        if name in logs:
            return float(logs[name])
    return math.nan


def goodness(logs: Mapping[str, Any], task: Task) -> float:
    """The score of a task on validation data, with its sign turned where less is better."""
    score = validation_score(logs, task)
    return score if task.higher_is_better else -score


def mean_change(
    logs: Mapping[str, Any],
    single_task: Mapping[str, float],
    tasks: Mapping[str, Task],
    bound: float = math.inf,
) -> float:
    """Δ_MTL on validation data, of the tasks that have a score there.

    Args:
        logs: Of an epoch.
        single_task: `{task: score}` of single-task models on validation data.
        tasks: `{name: task}`.
        bound: No task's change counts for more than this, in percent: an R² early in a training
            may be at -40, beside which nothing else would count.

    Examples:
        >>> tasks = {"depth": Task("depth", None, "mse", ["mae"], higher_is_better=False)}
        >>> mean_change({"val_depth_mae": 0.4}, {"depth": 0.5}, tasks)
        20.0
    """
    bases = {name: single_task.get(name, math.nan) for name in tasks}
    usable = {name: tasks[name] for name, base in bases.items() if base and math.isfinite(base)}
    scores = {name: validation_score(logs, task) for name, task in usable.items()}
    if not usable:
        return math.nan
    changes = list(relative_changes(scores, single_task, usable).values())
    return round(float(np.clip(changes, -bound, bound).mean()), 10)
