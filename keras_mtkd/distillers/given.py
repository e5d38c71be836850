"""What a model's constructor, `compile` and `fit` were given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keras_mtkd.losses.task_losses import TaskLosses


@dataclass
class Given:
    """Arguments, kept where Keras does not track them: it would wrap dicts and lists.

    Attributes:
        task_weights: `{task: weight}` of the constructor.
        losses: The loss of every task, once compiled.
        compiled_with: The arguments of `compile`, as saved files have them.
        data: What `fit` was given, while it runs.
        validation_data: Likewise.
    """

    task_weights: Mapping[str, float]
    losses: TaskLosses = field(init=False)
    compiled_with: dict[str, Any] = field(default_factory=dict)
    data: Any = None
    validation_data: Any = None
