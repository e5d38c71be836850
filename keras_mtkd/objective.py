"""The task losses of a multi-task model, one value a task."""

from collections.abc import Mapping
from typing import Any

from keras import ops

from keras_mtkd import losses
from keras_mtkd._types import LossLike, Tensor


class TaskLosses:
    """The loss of every task, kept out of Keras' attribute tracking.

    Args:
        loss: One loss for all tasks or `{task: loss}`.
        tasks: The student's tasks.

    Raises:
        ValueError: If a task has no loss or a loss no task.
    """

    def __init__(self, loss: LossLike | Mapping[str, LossLike], tasks: list[str]) -> None:
        given = loss if isinstance(loss, Mapping) else dict.fromkeys(tasks, loss)
        for task in tasks:
            if given.get(task) is None:
                raise ValueError(
                    f"The head '{task}' has no loss. Pass `loss={{'{task}': ...}}` for every "
                    f"head. Received losses for: {sorted(given)}."
                )
        for task in given:
            if task not in tasks:
                raise ValueError(
                    f"`loss` names '{task}', which the student does not have. Its tasks: {tasks}."
                )
        self._losses = {task: losses.get(given[task]) for task in tasks}

    def __getitem__(self, task: str) -> Any:
        return self._losses[task]

    def __call__(
        self, y: Mapping[str, Tensor], y_pred: Mapping[str, Tensor], weights: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """The value of every task's loss, `{task: float32 scalar}`."""
        values = {}
        for task, loss in self._losses.items():
            weight = _for_positions(weights.get(task), y_pred[task])
            values[task] = ops.cast(loss(y[task], y_pred[task], sample_weight=weight), "float32")
        return values


def _for_positions(weight: Tensor | None, y_pred: Tensor) -> Tensor | None:
    """Weights a sample, shaped to multiply values a position: Keras would multiply wrong axes."""
    missing = 0 if weight is None else len(y_pred.shape) - 1 - len(weight.shape)
    if missing <= 0:
        return weight
    return ops.reshape(weight, (*ops.shape(weight), *(1,) * missing))


def per_task(sample_weight: Any, tasks: list[str]) -> dict[str, Tensor]:
    """Sample weights as `{task: weights}`; tasks that are left out are not weighted."""
    if sample_weight is None:
        return {}
    if isinstance(sample_weight, Mapping):
        return {task: sample_weight[task] for task in tasks if sample_weight.get(task) is not None}
    return dict.fromkeys(tasks, sample_weight)
