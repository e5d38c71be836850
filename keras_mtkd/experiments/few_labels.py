"""Tasks of which most training samples have no label, and which methods leave those out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.losses.label_count import FEW, LabelCount
from keras_mtkd.problem import Problem

# Of the samples that have a label of any task, so many have one of each where rows are labelled
# whole, but for a gap here and there.
_NEARLY_ALL = 0.8


@dataclass(frozen=True)
class FewLabels:
    """Labels of a task in the training data.

    Args:
        share: Share of the samples that have one.
        a_batch: Mean number of labels in a batch.
        leaving_out: Names of the methods whose teachers teach on labelled samples alone.
        whole_rows: Whether the samples that have labels have those of (nearly) all tasks, so that
            the others can be left out.
    """

    share: float
    a_batch: float
    leaving_out: Sequence[str] = ()
    whole_rows: bool = False


def few_labels(
    labels: LabelCount, problem: Problem, methods: Mapping[str, Method], settings: Settings
) -> dict[str, FewLabels]:
    """The tasks of which less than a fifth of the training samples have a label.

    Args:
        labels: What was counted of the training data.
        problem: The problem.
        methods: `{name: method}`.
        settings: What all methods share.

    Returns:
        `{task: FewLabels}`.
    """
    tasks = [task for task in problem.tasks if labels.share(task) < FEW]
    if not tasks:
        return {}
    ways = {name: _listed(each.distillation(problem, settings)) for name, each in methods.items()}
    with_any = labels.share_with_any
    whole = all(labels.share(task) >= _NEARLY_ALL * with_any for task in problem.tasks)
    return {
        task: FewLabels(
            labels.share(task),
            labels.a_batch(task),
            [name for name, found in ways.items() if any(_leaves_out(way, task) for way in found)],
            whole,
        )
        for task in tasks
    }


def _listed(ways: Any) -> list[Any]:
    return list(ways) if isinstance(ways, Iterable) else [ways]


def _leaves_out(way: Any, task: str) -> bool:
    """Whether unlabelled samples of a task weigh nothing; Keras' own ways know no weights."""
    of_task = getattr(way, "tasks", None) is None or task in way.tasks
    return of_task and getattr(way, "use_sample_weight", False) is True


def few_labels_caution(found: FewLabels, titles: Sequence[str]) -> str:
    """Why a gain over methods that learn from labels alone may be none of distillation.

    Args:
        found: Labels of the task.
        titles: Titles of the methods compared whose teachers teach on labelled samples alone.
    """
    share = f"{100 * found.share:.2g} %"
    said = (
        f"{share} of the training samples have a label of this task, about {found.a_batch:.2g} a "
        "batch: single-task models and plain training learn from no more in a step, so that a gain "
        "over them may be that of more to learn from. "
    )
    said += (
        "To compare fairly, train those on the labelled samples repeated, for as many steps."
        if found.whole_rows
        else "Other tasks have labels on other samples, so keep all samples: a loss with "
        "`reduction='mean_with_sample_weight'` is the mean over the labelled samples of a batch, "
        "and does not grow small where they are few."
    )
    if not titles:
        return said
    more = f" and {len(titles) - 3} others" if len(titles) > 4 else ""
    named = ", ".join(titles[: 3 if more else 4]) + more
    return (
        f"{said} In {named}, the teacher of this task teaches on {share} of the samples; "
        "`use_sample_weight=False`, as in `logits-fill` and `mtlkd-fill`, teaches on all."
    )
