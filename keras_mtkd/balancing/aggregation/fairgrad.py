"""Fair resource allocation among the tasks."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register

_STEPS = 40
_REACH = 0.9


@mtkd_export("keras_mtkd.balancing.FairGrad")
@register("fairgrad")
class FairGrad(StatelessGramMethod):
    """The update that is α-fair to the tasks' gains: `M w = w^(-1/α)`, `w > 0`.

    Every task gains `⟨gᵢ, d⟩ = wᵢ^(-1/α) > 0`. `α = 1` is Nash-MTL's bargain, a large `α` looks
    to the worst task. The length of the update is the equation's: it falls as gradients grow
    (with `α = 1` it does not depend on them), and the authors' code multiplies it by the number
    of tasks and clips it to length 1. Where gradients leave no common direction no solution
    exists; the weights are then large and the update short. A task without a gradient has no
    weight.

    Args:
        alpha: Fairness, positive. The default is that of all published runs. Single precision
            loses the weights of much longer gradients when it is large, 20 say.

    Raises:
        ValueError: If `alpha` is not positive.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in FairGrad(alpha=1.0).weights(np.diag([4.0, 1.0]))]
        [0.5, 1.0]

    Source: Ban and Ji, "Fair Resource Allocation in Multi-Task Learning" (2024), and the authors'
    code. The solver is derived: the equation says where a strictly convex function is least.
    """

    def __init__(self, alpha: float = 2.0) -> None:
        if not alpha > 0:
            raise ValueError(f"`alpha` must be positive. Received: alpha={alpha}.")
        self.alpha = float(alpha)

    def _weights(self, gram: Tensor) -> Tensor:
        return fair_weights(gram, self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {"alpha": self.alpha}


def fair_weights(gram: Tensor, alpha: float) -> Tensor:
    """The `w > 0` with `M w = w^(-1/α)`, by damped Newton steps.

    In terms of `x`, the weights in units of those for gradients at right angles, and with the
    rows scaled so that the matrix is that of cosines.
    """
    power = 1.0 / alpha
    present = gramian.present(gram)
    squares = ops.where(present > 0, ops.diagonal(gram), 1.0)
    alone = squares ** (-1.0 / (1.0 + power))
    scale = ops.sqrt(alone ** (1.0 - power))
    tasks = gram.shape[0]
    cosines = gramian.cosines(gram) + gramian.ridge(tasks)
    identity = ops.eye(tasks, dtype="float32")

    def advance(_: int, x: Tensor) -> Tensor:
        rest = scale * (x**-power) - gramian.times(cosines, scale * x)
        curvature = power * x ** (-power - 1.0)
        move = gramian.solve(cosines + identity * curvature, rest) / scale
        ratio = ops.where(move < 0, -_REACH * x / ops.minimum(move, -gramian.LEAST), 1.0)
        return x + ops.minimum(ops.min(ratio), 1.0) * move

    return present * alone * ops.fori_loop(0, _STEPS, advance, ops.ones((tasks,), "float32"))
