"""Adam for a few numbers that a method learns by a gradient of its own."""

from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.base import State

_FIRST, _SECOND, _EPSILON = 0.9, 0.999, 1e-8


def initial_moments(tasks: int) -> State:
    """Moments and counts before the first step."""
    zeros = ops.zeros((tasks,), "float32")
    return {"first_moment": zeros, "second_moment": zeros, "updates": zeros}


def change(
    gradient: Tensor, state: State, active: Tensor, learning_rate: float
) -> tuple[Tensor, State]:
    """What is added to the numbers.

    Args:
        gradient: `(tasks,)`.
        state: With the entries of `initial_moments`.
        active: Which numbers take part, `(tasks,)`, boolean; the others and their moments stay.
        learning_rate: How far a number moves at most, about.

    Returns:
        The change, `(tasks,)`, and the new entries of the state.
    """
    first = _FIRST * state["first_moment"] + (1.0 - _FIRST) * gradient
    second = _SECOND * state["second_moment"] + (1.0 - _SECOND) * gradient * gradient
    count = state["updates"] + 1.0
    mean = first / (1.0 - _FIRST**count)
    square = second / (1.0 - _SECOND**count)
    step = -learning_rate * mean / (ops.sqrt(square) + _EPSILON)
    new = {"first_moment": first, "second_moment": second, "updates": count}
    kept = {name: ops.where(active, new[name], state[name]) for name in new}
    return ops.where(active, step, 0.0), kept
