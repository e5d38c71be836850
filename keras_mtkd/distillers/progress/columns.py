"""What of the logs is shown: which field is a task's score, and what stands for many tasks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_mtkd.distillers.loss_trackers import distance_name, loss_name
from keras_mtkd.metrics.labelled import metric_of

MOST_TASKS = 8
"""So many tasks have a column each; of more only summaries are shown."""

_MOST_METRICS = 2
_VALIDATION = "val_"
# What `callbacks.DeltaMTL` logs of validation.
_DELTA = "delta_mtl"


@dataclass(frozen=True)
class Score:
    """A field of the logs that may be a task's score.

    Args:
        metric: What it measures, `"accuracy"`.
        name: Its name in logs, `"left_accuracy"`.
    """

    metric: str
    name: str


@dataclass(frozen=True)
class Column:
    """One number that is shown, of training and of validation.

    Args:
        title: What stands above it.
        names: The fields of the logs that it is made of.
        of: What makes one number of those that are there.
    """

    title: str
    names: Sequence[str]
    of: Callable[[list[float]], float] = sum

    def value(self, logs: Mapping[str, Any], prefix: str = "") -> float | None:
        """The number, `None` if the logs have none of its fields.

        Args:
            logs: The logs.
            prefix: What the names begin with besides, `"val_"` for those of validation.
        """
        found = [logs[prefix + name] for name in self.names if prefix + name in logs]
        # Like Keras' bar, which takes vectors too.
        return self.of([float(np.mean(each)) for each in found]) if found else None


def candidates(tasks: Sequence[str], *metrics: Any) -> dict[str, list[Score]]:
    """What may be each task's score, the first choice first: its metrics, then its loss.

    Args:
        tasks: The tasks of a model.
        *metrics: `metrics` and `weighted_metrics` of `compile`. Only those by task are looked at,
            and all of a single task.

    Examples:
        >>> [score.name for score in candidates(["a", "b"], {"a": ["mae", "mse"]})["a"]]
        ['a_mae', 'a_mse', 'a_loss']
    """
    found = {}
    for task in tasks:
        given = [one for each in metrics for one in _of_task(each, task, len(tasks) == 1)]
        names = [one if isinstance(one, str) else metric_of(one).name for one in given]
        # Keras leaves the task out of the names where there is only one.
        prefix = "" if len(tasks) == 1 else f"{task}_"
        scores = [Score(name, prefix + name) for name in names]
        found[task] = [*scores, Score("loss", loss_name(task))]
    return found


def scores_in(logs: Mapping[str, Any], wanted: Mapping[str, Sequence[Score]]) -> dict[str, Score]:
    """Each task's score: the first of its candidates that the logs have, of either kind of data.

    Args:
        logs: The logs.
        wanted: `{task: candidates}`.

    Returns:
        `{task: score}`, without tasks of which the logs tell nothing.
    """
    found = {}
    for task, own in wanted.items():
        there = [s for s in own if s.name in logs or _VALIDATION + s.name in logs]
        if there:
            found[task] = there[0]
    return found


def columns_of(scores: Mapping[str, Score], logs: Mapping[str, Any]) -> list[Column]:
    """The columns of a table for several tasks.

    Args:
        scores: `{task: score}`.
        logs: The logs.

    Returns:
        The sum of the tasks' distillation losses, if there are any, a column a task, and Δ_MTL
        where a callback logs it. Of more than `MOST_TASKS` there are the mean, the lowest and the
        highest score of each metric, of at most two.
    """
    distances = [name for name in map(distance_name, scores) if name in logs]
    shown = [Column("distillation", distances)] if distances else []
    if len(scores) <= MOST_TASKS:
        shown += [Column(task, [score.name]) for task, score in scores.items()]
    else:
        for metric, own in by_metric(scores)[:_MOST_METRICS]:
            names = [scores[task].name for task in own]
            for title, of in (("mean", _mean), ("min", min), ("max", max)):
                shown.append(Column(f"{title} {metric}", names, _of_known(of)))
    return [*shown, *([Column(_DELTA, [_DELTA])] if _VALIDATION + _DELTA in logs else [])]


def explanation(scores: Mapping[str, Score]) -> str:
    """One sentence that says what the numbers are.

    Args:
        scores: `{task: score}`.
    """
    groups = by_metric(scores)
    if len(scores) <= MOST_TASKS:
        told = [f"{metric} of {', '.join(own)}" for metric, own in groups]
        return f"Scores: {'; '.join(told)}."
    told = [f"{metric} of {len(own)} tasks" for metric, own in groups[:_MOST_METRICS]]
    return f"Scores: {'; '.join(told)}. Those of all {len(scores)} tasks are in the logs."


def by_metric(scores: Mapping[str, Score]) -> list[tuple[str, list[str]]]:
    """The tasks of each metric; many tasks first where they are more than have a column each."""
    groups: dict[str, list[str]] = {}
    for task, score in scores.items():
        groups.setdefault(score.metric, []).append(task)
    if len(scores) <= MOST_TASKS:
        return list(groups.items())
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def in_line(logs: Mapping[str, Any], wanted: Mapping[str, Sequence[Score]]) -> dict[str, Any]:
    """The fields that stand behind the bar itself.

    Args:
        logs: The logs.
        wanted: `{task: candidates}`. A single task has no table: its score is among the fields.

    Returns:
        Some of the logs, those of validation last.
    """
    names = ["loss"]
    if len(wanted) == 1:
        names += map(distance_name, wanted)
        names += [s.name for s in scores_in(logs, wanted).values() if s.metric != "loss"]
        names.append(_DELTA)
    both = [*names, *(_VALIDATION + name for name in names)]
    return {name: logs[name] for name in both if name in logs}


def _of_task(given: Any, task: str, alone: bool) -> list[Any]:
    if isinstance(given, Mapping):
        given = given.get(task)
    elif not alone:
        return []
    return [one for one in keras.tree.flatten(given) if one is not None]


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _of_known(of: Callable[[Iterable[float]], float]) -> Callable[[list[float]], float]:
    """Leave out NaN, which a task without labels has."""
    return lambda values: of([value for value in values if value == value] or values)
