"""What an evaluation finds of the tasks' labels."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd._backend.warn import warn
from keras_mtkd.distillers.loss_trackers import loss_name


class LabelsSeen(keras.metrics.Metric):
    """Which tasks' labels were looked for since the last reset, and which had one.

    One variable for all tasks, and no value of its own in logs: Keras resets metrics variable by
    variable at every `train_on_batch`.
    """

    def __init__(self, tasks: Iterable[str]) -> None:
        super().__init__(name="labels_seen", dtype="float32")
        self.tasks = list(tasks)
        self.seen = self.add_variable((2, len(self.tasks)), "zeros", name="seen")
        self._told: Sequence[str] = ()

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
        looked_for, found = np.asarray(self.seen)
        return {
            task: bool(found[i]) if looked_for[i] else None for i, task in enumerate(self.tasks)
        }

    def warn(self, found: Mapping[str, bool | None], in_fit: bool) -> None:
        """Warn of tasks that were found to have no label.

        Args:
            found: What `found()` gave: read once, since it waits for the device.
            in_fit: Whether this evaluation is one of `fit`, which warns of a task once and not
                after every epoch.
        """
        told = self._told if in_fit else ()
        new = [task for task, label in found.items() if label is False and task not in told]
        if new:
            warn(
                f"There is no label of {new} in this evaluation: all are missing, by their weights "
                "or by what the loss leaves out. Loss and metrics are NaN.",
            )
        self._told = (*told, *new) if in_fit else ()
