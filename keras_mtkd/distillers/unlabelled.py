"""Tasks without labels, as metrics and logs meet them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.distillers.loss_trackers import loss_name
from keras_mtkd.losses.task_losses import TaskLosses, labels_of, per_task


def with_stand_ins(
    losses: TaskLosses, predictions: Mapping[str, Tensor], y: Any, sample_weight: Any
) -> tuple[dict[str, Tensor], Any, list[str]]:
    """Labels of every output, as Keras' metrics want them.

    Args:
        losses: The tasks' losses, which know the layout of labels.
        predictions: `{task: tensor}`.
        y: The labels that came.
        sample_weight: Their weights.

    Returns:
        Labels; sample weights, in which what was made up weighs nothing; and the tasks without
        labels of their own, of which nothing is to be shown.
    """
    tasks = list(predictions)
    labels = labels_of(y, tasks)
    missing = [task for task in tasks if task not in labels]
    if missing:
        sample_weight = dict(per_task(sample_weight, tasks))
    for task in missing:
        labels[task] = losses.stand_in(task, predictions[task])
        sample_weight[task] = ops.zeros(ops.shape(predictions[task])[:1])
    if isinstance(sample_weight, Mapping):
        sample_weight = {task: sample_weight.get(task) for task in tasks}
    return {task: labels[task] for task in tasks}, sample_weight, missing


def names_in_logs(
    tasks: Collection[str], all_tasks: list[str], compiled: Iterable[str]
) -> set[str]:
    """The losses and compiled metrics of some tasks.

    Args:
        tasks: The tasks.
        all_tasks: All tasks of the model.
        compiled: Names of compiled metrics in logs, which begin with their task.
    """
    found = {loss_name(task) for task in tasks}
    for name in compiled:
        # Keras leaves the task out of the names where there is only one.
        named = [task for task in all_tasks if name.startswith(f"{task}_")]
        if max(named, key=len, default=all_tasks[0]) in tasks:
            found.add(name)
    return found
