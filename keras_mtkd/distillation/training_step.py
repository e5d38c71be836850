"""What a training step knows when its distances are measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keras_mtkd._backend.types import Tensor
from keras_mtkd.distillation.head import Head
from keras_mtkd.losses.task_losses import TaskLosses


@dataclass(frozen=True)
class TrainingStep:
    """One batch under way.

    Attributes:
        x: The inputs.
        y: Labels, `{task: tensor}`.
        y_pred: The student's predictions, `{task: tensor}`.
        sample_weight: Weights of the labels, `{task: tensor}`; tasks without weights are left out.
        losses: The compiled loss of every task.
        features: Teachers' features that came with the batch, or `None`.
        head: What the head of the task that is being measured is taken for.
    """

    x: Any
    y: Mapping[str, Tensor]
    y_pred: Mapping[str, Tensor]
    sample_weight: Mapping[str, Tensor]
    losses: TaskLosses
    features: Mapping[str, Tensor] | None = None
    head: Head = field(default=Head())
