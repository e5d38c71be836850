"""What the methods that need gradients at other weights too have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.base import Method, State
from keras_mtkd.balancing.linalg.jacobian_rows import Row

__all__ = ["FirstOrderOracle", "ParameterMethod", "Row", "State"]


@dataclass(frozen=True)
class FirstOrderOracle:
    """Where a training step is, and what gradients are elsewhere.

    Attributes:
        weights: Values of all trained weights.
        shared: For every weight whether several objectives share it. The others belong to heads
            and adaptors.
        gradients: From one displacement of all weights an objective, with `None` for none, to
            each objective's gradients at its displaced weights: one forward and backward pass an
            objective, on the same batch and with the same dropout. Statistics of batch
            normalisation and other states do not change by it.
    """

    weights: Sequence[Tensor]
    shared: Sequence[bool]
    gradients: Callable[[Sequence[Row]], Sequence[Row]]

    def only_shared(self, row: Row) -> Row:
        """A row without what is not shared."""
        return [g if kept else None for g, kept in zip(row, self.shared, strict=True)]

    def only_own(self, row: Row) -> Row:
        """A row without what is shared."""
        return [None if taken else g for g, taken in zip(row, self.shared, strict=True)]


@mtkd_export("keras_mtkd.balancing.ParameterMethod")
class ParameterMethod(Method, ABC):
    """A way of combining gradients that needs the weights, or gradients at other weights.

    A subclass writes `step`, and `initial_state` if it remembers something, and lists in
    `get_config` what its constructor took. It is a plain object that never changes.

    Source: the interface is this package's own.
    """

    levels = ("parameters",)

    @abstractmethod
    def step(
        self, rows: Sequence[Row], losses: Tensor, around: FirstOrderOracle, state: State
    ) -> tuple[Row, State]:
        """The gradients to apply, and the state for the next step.

        Args:
            rows: For every objective its gradients of the weights, `None` where it does not
                depend on one.
            losses: The objectives' values, `(objectives,)`.
            around: The weights and the gradients beside them.
            state: What `initial_state` or the last step returned.
        """
