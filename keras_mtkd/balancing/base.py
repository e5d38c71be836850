"""What loss weightings and gradient aggregations have in common."""

from typing import Any, Self

from keras import ops

from keras_mtkd._backend.types import Tensor

State = dict[str, Tensor]
"""What a method remembers between steps: arrays by name. Empty where it remembers nothing."""


class Method:
    """A plain object that never changes; what it remembers is handed in and out.

    Methods may be shared, saved and called inside compiled functions of every backend.

    Attributes:
        levels: Where gradients may be taken for it, the default first; see `Balancing`.
        reconstructed: Whether more than a detail is this package's guess, since the paper could
            not be read; its docstring says what.
    """

    levels: tuple[str, ...] = ("representation", "parameters")
    reconstructed: bool = False

    def initial_state(self, tasks: int) -> State:
        """The state before the first step."""
        return {}

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A method with these arguments."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


def all_finite(*tensors: Tensor | None) -> Tensor:
    """Whether nothing in these is infinite or NaN; `None` is finite."""
    finite = ops.ones((), "bool")
    for tensor in tensors:
        if tensor is not None:
            finite = ops.logical_and(finite, ops.all(ops.isfinite(tensor)))
    return finite


def of_part(number: int, state: State) -> State:
    """What one of several methods remembers, out of the state of all."""
    prefix = f"{number}_"
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def as_part(number: int, state: State) -> State:
    """What one of several methods remembers, as part of the state of all."""
    return {f"{number}_{name}": value for name, value in state.items()}


def new_if(condition: Tensor, new: State, old: State) -> State:
    """The new state if the condition holds, else the old one."""
    return {name: ops.where(condition, new[name], old[name]) for name in new}
