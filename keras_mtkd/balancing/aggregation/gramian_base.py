"""What all methods of gradient aggregation have in common."""

from abc import ABC, abstractmethod
from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.base import Method, State, all_finite, new_if
from keras_mtkd.balancing.registry import get

__all__ = ["GramMethod", "State"]


@mtkd_export("keras_mtkd.balancing.GramMethod")
class GramMethod(Method, ABC):
    """A way of combining the tasks' gradients that needs only their inner products.

    A subclass writes `_advance`, and `initial_state` if it remembers something from step to step,
    and lists in `get_config` what its constructor took. Methods are plain objects that never
    change: they may be shared, saved and called inside compiled functions of every backend, and
    what they remember is handed in and out.

    Source: the interface is this package's own.
    """

    def weights(self, gram: Tensor, losses: Tensor | None = None) -> Tensor:
        """What every task's gradient is multiplied by in the update `Σ wᵢ gᵢ`.

        Args:
            gram: Inner products of the tasks' gradients, `(tasks, tasks)`, with a static shape.
                Computed in single precision. If something in it is not finite, no weight is.
            losses: The tasks' losses, `(tasks,)`, for methods that look at them.

        Returns:
            Weights, `(tasks,)`, float32. A method with a state answers as on its first step.

        Raises:
            ValueError: If the shape is not `(tasks, tasks)`, or losses are needed and missing.
        """
        return self.step(gram, losses, self.initial_state(_task_count(gram)))[0]

    def step(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        """Weights of this step, and the state for the next.

        Args:
            gram: As in `weights`. A step whose Gram matrix or losses are not finite leaves the
                state alone.
            losses: As in `weights`.
            state: What `initial_state` or the last step returned.

        Returns:
            `(weights, state)`.

        Raises:
            ValueError: As `weights`.
        """
        tasks = _task_count(gram)
        gram = ops.cast(gram, "float32")
        losses = None if losses is None else ops.cast(losses, "float32")
        finite = all_finite(gram, losses)
        # Solvers of some backends raise on what is not finite, which loss scaling makes normal.
        gram = ops.where(finite, gram, ops.eye(tasks, dtype="float32"))
        weights, new = self._advance(gram, losses, state)
        return ops.where(finite, weights, float("nan")), new_if(finite, new, state)

    @abstractmethod
    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        """`step`, for a finite float32 Gram matrix."""


class StatelessGramMethod(GramMethod):
    """A method that remembers nothing and looks at no losses."""

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        return self._weights(gram), state

    @abstractmethod
    def _weights(self, gram: Tensor) -> Tensor:
        """Weights for a finite float32 Gram matrix."""


def _task_count(gram: Tensor) -> int:
    shape = tuple(ops.shape(gram))
    if len(shape) != 2 or shape[0] != shape[1] or not isinstance(shape[0], int) or not shape[0]:
        raise ValueError(
            "`gram` must have the static shape (tasks, tasks): the inner products of the tasks' "
            f"gradients. Received: shape={shape}."
        )
    return int(shape[0])


def get_gram_method(identifier: Any) -> GramMethod:
    """As `balancing.get`, for methods of gradient aggregation alone.

    Raises:
        ValueError: As `get`.
        TypeError: If it is another kind of method, or none.
    """
    method = get(identifier)
    if not isinstance(method, GramMethod):
        raise TypeError(
            f"`method` must combine gradients, that is be a `GramMethod`. Received: {method!r}."
        )
    return method
