"""What all methods of loss weighting have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.base import Method, State, all_finite, new_if

__all__ = ["LossWeighting", "State"]


@mtkd_export("keras_mtkd.balancing.LossWeighting")
class LossWeighting(Method, ABC):
    """A way of weighting the tasks' losses: the objective is `Σ wᵢ Lᵢ + penalty`.

    A subclass writes `_advance`; `initial_state`, `end_epoch`, `penalty` and `trainable` if it
    remembers or learns something; and lists in `get_config` what its constructor took. As a
    `GramMethod` it is a plain object that never changes: what it remembers is handed in and out.

    A task whose loss is not above 1e-20 counts as missing in this step, as when no label of it is
    in the batch: it neither moves the other tasks' weights nor what is remembered of it.

    Attributes:
        trainable: Entries of the state that training learns, by the gradient of the objective.

    Source: the interface is this package's own.
    """

    trainable: ClassVar[tuple[str, ...]] = ()

    def weights(self, losses: Tensor, state: State | None = None) -> Tensor:
        """What every task's loss is multiplied by.

        Args:
            losses: The tasks' losses, `(tasks,)`, with a static shape.
            state: What `step` or `end_epoch` returned. `None` for the state before the first step.

        Returns:
            Weights, `(tasks,)`, float32.

        Raises:
            ValueError: If the shape is not `(tasks,)`.
        """
        losses = ops.convert_to_tensor(losses, "float32")
        if state is None:
            state = self.initial_state(_task_count(losses))
        return self.step(losses, state)[0]

    def step(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        """Weights of this step, and the state for the next.

        Args:
            losses: As in `weights`. No gradient passes through them. A step whose losses are not
                finite leaves the state alone; its weights are finite.
            state: What `initial_state`, `step` or `end_epoch` returned.

        Returns:
            `(weights, state)`. What is `trainable` in the state is as it was.

        Raises:
            ValueError: As `weights`.
        """
        losses = ops.stop_gradient(ops.convert_to_tensor(losses, "float32"))
        _task_count(losses)
        finite = all_finite(losses)
        weights, new = self._advance(ops.where(finite, losses, 1.0), state)
        return weights, new_if(finite, new, state)

    @abstractmethod
    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        """`step`, for finite float32 losses."""

    def penalty(self, state: State) -> Tensor:
        """What is added to the weighted sum of this step.

        Args:
            state: What `step` returned for this step.

        Returns:
            A scalar, float32.
        """
        return ops.zeros((), "float32")

    def end_epoch(self, state: State, logs: Mapping[str, float] | None = None) -> State:
        """The state after an epoch, in NumPy.

        Args:
            state: What the epoch's last step returned, as NumPy arrays.
            logs: What training logged for the epoch, by name.

        Returns:
            NumPy arrays of the same names, shapes and types.
        """
        return state


def _task_count(losses: Tensor) -> int:
    shape = tuple(ops.shape(losses))
    if len(shape) != 1 or not isinstance(shape[0], int) or not shape[0]:
        raise ValueError(
            "`losses` must have the static shape (tasks,): one number for every task. "
            f"Received: shape={shape}."
        )
    return int(shape[0])
