"""What a training step's predictions carry along from the forward pass to the loss.

Keras hands `compute_loss` and the metrics nothing of a forward pass but its predictions; on JAX
there is no other pure channel.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

# No task has such a name: it could not be that of a layer.
_CARRIED = "__carried__"


@dataclass(frozen=True)
class StepOutputs:
    """Predictions of a step, and what its loss needs besides.

    Args:
        predictions: `{task: tensor}`.
        carried: `{name: nested tensors}`; empty outside training.
    """

    predictions: dict[str, Any]
    carried: Mapping[str, Any] = field(default_factory=dict)

    def pack(self) -> dict[str, Any]:
        """Predictions as `call` gives them, with what is carried as one entry more."""
        return {**self.predictions, **({_CARRIED: self.carried} if self.carried else {})}

    @classmethod
    def unpack(cls, y_pred: Mapping[str, Any], tasks: Iterable[str]) -> Self:
        """The two apart again.

        Args:
            y_pred: What `call` gave.
            tasks: The tasks, in their order: that of a dict gets lost on JAX.
        """
        return cls({task: y_pred[task] for task in tasks}, y_pred.get(_CARRIED, {}))
