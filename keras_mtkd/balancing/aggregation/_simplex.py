"""Minima over mixtures of the tasks' gradients, that is weights >= 0 that sum to 1."""

from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation._interior_point import Derivatives, minimize
from keras_mtkd.balancing.linalg import gramian

# Far above what any task's gradient contributes, all of which are scaled to at most about 1.
_CLOSED = 10.0
_ROUNDED = 1e-10


def minimum(gram: Tensor, derivatives: Derivatives) -> Tensor:
    """The mixture that minimises a convex function.

    Solved in coordinates in which every gradient has length 1 and the shortest one's weight is
    its coordinate, so that gradients of very different lengths cost no precision. Tasks without
    a gradient get no weight; without any gradient all weights are equal.

    Args:
        gram: `(tasks, tasks)`.
        derivatives: Gradient and Hessian of the function, as one of the scaled coordinates `x`:
            the mixture is `Σ xᵢ uᵢ` with the unit gradients `uᵢ`, times a positive number.

    Returns:
        Weights, `(tasks,)`.
    """
    present = gramian.present(gram)
    row = _relative_inverse_norms(gram)

    def without_absent(x: Tensor) -> tuple[Tensor, Tensor]:
        gradient, hessian = derivatives(x)
        return gradient + _CLOSED * (1.0 - present), hessian

    start = ops.ones_like(row) / ops.sum(row)
    weights = present * row * minimize(without_absent, start, row)
    total = ops.sum(weights)
    return ops.where(
        total > 0, weights / ops.where(total > 0, total, 1.0), gramian.equal(row.shape[0])
    )


def min_norm(gram: Tensor) -> Tensor:
    """The mixture with the shortest gradient, among tasks that have one; weights `(tasks,)`."""
    cosines = gramian.cosines(gram)
    return minimum(gram, lambda x: (gramian.times(cosines, x), cosines))


def linear_and_length(
    gram: Tensor, direction: Tensor, linear: Tensor | float, root: Tensor | float
) -> Tensor:
    """The mixture `g` that minimises `linear ⟨g, u⟩ + root ‖g‖`; weights `(tasks,)`.

    Args:
        gram: `(tasks, tasks)`.
        direction: Cosines of the gradients with the direction `u`, `(tasks,)`.
        linear: Not negative.
        root: Not negative.

    Returns:
        Weights, `(tasks,)`.
    """
    cosines = gramian.cosines(gram)

    def derivatives(x: Tensor) -> tuple[Tensor, Tensor]:
        gradient, hessian = length_derivatives(cosines, x)
        return linear * direction + root * gradient, root * hessian

    return minimum(gram, derivatives)


def length_derivatives(gram: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Gradient and Hessian of `√(xᵀ gram x)`, rounded off at 0."""
    product = gramian.times(gram, x)
    size = ops.sqrt(ops.maximum(gramian.dot(x, product), 0.0) + _ROUNDED)
    gradient = product / size
    return gradient, (gram - gradient[:, None] * gradient[None, :]) / size


def _relative_inverse_norms(gram: Tensor) -> Tensor:
    """Shortest length over each gradient's length; 1 for gradients of length 0."""
    lengths = ops.where(gramian.present(gram) > 0, gramian.norms(gram), float("inf"))
    shortest = ops.min(lengths)
    row = shortest / ops.where(lengths < float("inf"), lengths, shortest)
    return ops.where(shortest < float("inf"), row, 1.0)
