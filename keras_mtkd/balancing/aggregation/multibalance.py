"""Gradients of equal length, by a moving average of their lengths."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, State
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.MultiBalance")
@register("multibalance")
class MultiBalance(GramMethod):
    """Weights that give all tasks' gradients the same length on average.

    `wᵢ = m / nᵢ` with `nᵢ` the moving average of the length of `gᵢ` and `m` the mean of the `nᵢ`.
    Averages start at the first lengths. A task that never had a gradient weighs 1.

    Args:
        beta: Share of the old average in the new, `0 <= beta < 1`.

    Raises:
        ValueError: If `beta` is not one.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in MultiBalance().weights(np.diag([1.0, 9.0]))]
        [2.0, 0.6667]

    Source: He et al., "MultiBalance: Multi-Objective Gradient Balancing in Industrial-Scale
    Multi-Task Recommendation System" (2024). That lengths are averaged is stated; that the weights
    equalise them is reconstructed.
    """

    reconstructed = True

    def __init__(self, beta: float = 0.9) -> None:
        if not 0 <= beta < 1:
            raise ValueError(f"`beta` must be at least 0 and less than 1. Received: beta={beta}.")
        self.beta = float(beta)

    def initial_state(self, tasks: int) -> State:
        return {"step": ops.zeros((), "int32"), "lengths": ops.zeros((tasks,), "float32")}

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        now = gramian.norms(gram)
        averaged = self.beta * state["lengths"] + (1.0 - self.beta) * now
        lengths = ops.where(state["step"] > 0, averaged, now)
        weights = ops.where(lengths > 0, ops.mean(lengths) * gramian.inverse(lengths), 1.0)
        return weights, {"step": state["step"] + 1, "lengths": lengths}

    def get_config(self) -> dict[str, Any]:
        return {"beta": self.beta}
