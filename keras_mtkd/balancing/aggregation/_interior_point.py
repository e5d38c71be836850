"""Convex problems over a few positive numbers, by a fixed number of Newton steps in the graph."""

from collections.abc import Callable

from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import gramian

Derivatives = Callable[[Tensor], tuple[Tensor, Tensor]]
"""From a point `(..., tasks)` to the gradient `(..., tasks)` and Hessian `(..., tasks, tasks)`."""

_STEPS = 30
_LEAST_GAP = 1e-9
_LEAST = 1e-20
# How far of the way to the nearest bound a step goes, and how much of the gap it aims to leave.
_REACH, _CENTRING = 0.95, 0.1


def minimize(derivatives: Derivatives, start: Tensor, row: Tensor | None = None) -> Tensor:
    """The `x >= 0` that minimises a convex function, with `row · x = row · start` if given.

    A primal-dual interior point method. The numbers should be scaled so that the solution and
    the Hessian's diagonal are around 1.

    Args:
        derivatives: The function's gradient and Hessian at a point.
        start: Where to begin, `(..., tasks)`, positive.
        row: Positive, `(tasks,)`.

    Returns:
        The solution, of the shape of `start`.
    """
    gradient, _ = derivatives(start)
    slack = 0.1 + ops.abs(gradient)

    def advance(_: int, point: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        return _newton_step(derivatives, row, *point)

    return ops.fori_loop(0, _STEPS, advance, (start, slack))[0]


def _newton_step(
    derivatives: Derivatives, row: Tensor | None, x: Tensor, slack: Tensor
) -> tuple[Tensor, Tensor]:
    gradient, hessian = derivatives(x)
    gap = ops.maximum(_CENTRING * ops.mean(x * slack, axis=-1, keepdims=True), _LEAST_GAP)
    tasks = x.shape[-1]
    identity = ops.eye(tasks, dtype="float32")
    matrix = hessian + identity * (slack / x + gramian.RIDGE)[..., None, :]
    if row is not None:
        # Steps keep `row · x`, so this changes none; it makes lengths' Hessians invertible.
        matrix += row[:, None] * row[None, :]
    move = gramian.solve(matrix, gap / x - gradient)
    if row is not None:
        along = gramian.solve(matrix, row)
        move -= along * (gramian.dot(row, move) / gramian.dot(row, along))[..., None]
    slack_move = gap / x - slack - slack / x * move
    reach = ops.minimum(_reach(x, move), _reach(slack, slack_move))
    return (
        ops.maximum(x + reach * move, _LEAST),
        ops.maximum(slack + reach * slack_move, _LEAST),
    )


def _reach(value: Tensor, move: Tensor) -> Tensor:
    """The largest step, at most 1, that keeps positive values clear of 0."""
    ratio = ops.where(move < 0, -_REACH * value / ops.minimum(move, -_LEAST), 1.0)
    return ops.minimum(ops.min(ratio, axis=-1, keepdims=True), 1.0)
