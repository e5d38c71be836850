"""The task losses of a multi-task model, one value a task."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from keras import ops

from keras_mtkd import losses
from keras_mtkd._backend.names import unknown_task
from keras_mtkd._backend.types import LossLike, Tensor
from keras_mtkd.losses.kinds import NUMBERS, kind_of
from keras_mtkd.losses.weigh import weigh


class TaskLosses:
    """The loss of every task, kept out of Keras' attribute tracking.

    Args:
        loss: One loss for all tasks or `{task: loss}`.
        tasks: The student's tasks.

    Raises:
        ValueError: If a task has no loss or a loss no task, or losses come in a list.
    """

    def __init__(self, loss: LossLike | Mapping[str, LossLike], tasks: list[str]) -> None:
        if isinstance(loss, list | tuple):
            raise ValueError(
                "Pass `loss={task: loss}`, or one loss for all tasks: Keras would take a list in "
                f"the alphabetical order of the tasks {tasks}. Received: a {type(loss).__name__}."
            )
        given = loss if isinstance(loss, Mapping) else dict.fromkeys(tasks, loss)
        for task in given:
            if task not in tasks:
                raise ValueError(unknown_task("`loss` names", task, tasks))
        for task in tasks:
            if given.get(task) is None:
                raise ValueError(
                    f"The head '{task}' has no loss. Pass `loss={{'{task}': ...}}` for every "
                    f"head. Received losses for: {sorted(given)}."
                )
        self._losses = {task: losses.get(given[task]) for task in tasks}

    def __getitem__(self, task: str) -> Any:
        return self._losses[task]

    def __call__(
        self, y: Mapping[str, Tensor], y_pred: Mapping[str, Tensor], weights: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """The value of every labelled task's loss, `{task: float32 scalar}`."""
        values = {}
        for task, loss in self._losses.items():
            if task not in y:
                continue
            value = weigh(loss, y[task], y_pred[task], weights.get(task))
            values[task] = ops.cast(value, "float32")
        return values

    def stand_in(self, task: str, y_pred: Tensor) -> Tensor:
        """Zeros in the layout of a task's labels, where there are none."""
        kind = kind_of(self._losses[task])
        if kind.labels == NUMBERS:
            return ops.zeros_like(ops.take(y_pred, 0, axis=kind.axis), dtype="int32")
        return ops.zeros_like(y_pred)


def labels_of(y: Any, tasks: Iterable[str] | None = None) -> dict[str, Tensor]:
    """Labels as `{task: labels}`, without tasks that have none; by default under all names."""
    if not isinstance(y, Mapping):
        return {}
    return {task: y[task] for task in (y if tasks is None else tasks) if y.get(task) is not None}


def check_labelled(
    tasks: Iterable[str], labelled: Collection[str], consequence: str, remedy: str
) -> None:
    """Refuse data without labels of a task.

    Args:
        tasks: Tasks that need labels.
        labelled: All names that have some, those of no task too.
        consequence: What follows without, as `"so it has no gradient"`.
        remedy: What to do about it, a sentence.

    Raises:
        ValueError: Naming the first task that has none.
    """
    for task in tasks:
        if task not in labelled:
            raise ValueError(
                f"The data has no labels for task '{task}', {consequence}. It has labels for: "
                f"{sorted(map(str, labelled))}. {remedy}"
            )


def per_task(sample_weight: Any, tasks: list[str]) -> dict[str, Tensor]:
    """Sample weights as `{task: weights}`; tasks that are left out are not weighted."""
    if sample_weight is None:
        return {}
    if isinstance(sample_weight, Mapping):
        return {task: sample_weight[task] for task in tasks if sample_weight.get(task) is not None}
    return dict.fromkeys(tasks, sample_weight)


def nothing(tensor: Tensor) -> Tensor:
    """A float32 scalar of 0, with a gradient of 0, whatever the values."""
    return ops.cast(ops.sum(ops.where(False, tensor, ops.zeros_like(tensor))), "float32")
