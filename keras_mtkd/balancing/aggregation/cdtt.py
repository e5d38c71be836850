"""Task tensioners: the equiangular direction, pulled to tasks that converge slowly."""

import math
from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.edm import equiangular
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, State
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register

# Differences of squares below this share of them are rounding error.
_ROUNDED = 1e-6


@mtkd_export("keras_mtkd.balancing.CDTT")
@register("cdtt")
class CDTT(GramMethod):
    """EDM's direction plus a pull of limited strength to every task.

    With EDM's update `d*`, the sums `Sᵢ` of the last `window` lengths of `gᵢ` and `Sᵢ'` of one
    step before, and the losses `Lᵢ`:

    `δᵢ = Sᵢ / Sᵢ' + log₁₀ Lᵢ`, `cᵢ = alpha / (1 + exp(e - e δᵢ)) + 1 - alpha`,
    `d = d* + Σ cᵢ (gᵢ - d*) / ‖gᵢ - d*‖`.

    Then, task by task, a `d` that conflicts with `gᵢ` is moved towards `gᵢ` until it is at right
    angles with it. Until the window is full and one step old the update is `d*`. The pulls have
    length 1 whatever the gradients' lengths, and follow the losses' scale.

    Args:
        alpha: How far tensions differ, from 0 (all are 1) to 1.
        window: Steps in the sums.

    Raises:
        ValueError: If `alpha` is not between 0 and 1, `window` not positive, or losses missing.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in CDTT().weights(np.diag([1.0, 9.0]), np.ones(2))]
        [0.75, 0.25]

    Source: Nakamura et al., "Leveraging convergence behavior to balance conflicting tasks in
    multi-task learning" (2022), and the authors' code.
    """

    def __init__(self, alpha: float = 0.3, window: int = 10) -> None:
        if not 0 <= alpha <= 1:
            raise ValueError(f"`alpha` must be between 0 and 1. Received: alpha={alpha}.")
        if window < 1:
            raise ValueError(f"`window` must be at least 1. Received: window={window}.")
        self.alpha, self.window = float(alpha), int(window)

    def initial_state(self, tasks: int) -> State:
        return {
            "step": ops.zeros((), "int32"),
            "lengths": ops.zeros((self.window, tasks), "float32"),
        }

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        if losses is None:
            raise ValueError("CDTT looks at the tasks' losses. Received: losses=None.")
        before = state["lengths"]
        lengths = ops.concatenate([before[1:], gramian.norms(gram)[None, :]])
        base = equiangular(gram)
        growth = ops.sum(lengths, axis=0) * gramian.inverse(ops.sum(before, axis=0))
        pulled = _without_conflicts(gram, self._pulled(gram, base, growth, losses))
        weights = ops.where(state["step"] >= self.window, pulled, base)
        return weights, {"step": state["step"] + 1, "lengths": lengths}

    def _pulled(self, gram: Tensor, base: Tensor, growth: Tensor, losses: Tensor) -> Tensor:
        delta = growth + ops.log10(ops.maximum(losses, gramian.LEAST))
        tension = self.alpha * ops.sigmoid(math.e * (delta - 1.0)) + 1.0 - self.alpha
        squares, product = ops.diagonal(gram), gramian.times(gram, base)
        size = gramian.dot(base, product)
        apart = squares - 2.0 * product + size
        apart = ops.where(apart > _ROUNDED * (squares + size), apart, 0.0)
        pull = tension * gramian.inverse(ops.sqrt(apart))
        return base * (1.0 - ops.sum(pull)) + pull

    def get_config(self) -> dict[str, Any]:
        return {"alpha": self.alpha, "window": self.window}


def _without_conflicts(gram: Tensor, weights: Tensor) -> Tensor:
    """Move the update to where the line to a conflicting gradient is at right angles with it."""
    tasks = gram.shape[0]
    identity = ops.eye(tasks, dtype="float32")
    for task in range(tasks):
        square, gain = gram[task, task], gramian.dot(gram[task], weights)
        share = ops.where(gain < 0, square / (square - ops.minimum(gain, -gramian.LEAST)), 1.0)
        weights = share * weights + (1.0 - share) * identity[task]
    return weights
