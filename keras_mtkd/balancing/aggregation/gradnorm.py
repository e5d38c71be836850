"""GradNorm: lengths of gradients that follow from how fast tasks learn."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, State
from keras_mtkd.balancing.linalg import adam, gramian, log_losses
from keras_mtkd.balancing.registry import register

_LEAST_WEIGHT = 1e-3
# Differences below this share of a length are rounding error.
_ROUNDED = 1e-6


@mtkd_export("keras_mtkd.balancing.GradNorm")
@register("gradnorm")
class GradNorm(GramMethod):
    """Learned weights `w`, which descend `Σ |Gᵢ - G rᵢ^alpha|` and sum to the number of tasks.

    `Gᵢ = wᵢ ‖gᵢ‖`, `G` their mean, and `rᵢ` the loss over the task's first loss, divided by the
    mean of these ratios; `G rᵢ^alpha` counts as constant. Tasks that learn slowly get longer
    gradients. A step uses the weights of before it. Weights are learned by Adam, whose steps do
    not depend on the scale of gradients, and stay above 0.001.

    A task without gradient or loss in a step keeps its weight. Needs the losses.

    Args:
        alpha: How much slow tasks are favoured. With 0 all weighted gradients get the same length.
        learning_rate: Of the weights.

    Raises:
        ValueError: If `alpha` is negative, `learning_rate` not positive, or losses missing.

    Examples:
        >>> import numpy as np
        >>> method, state = GradNorm(), GradNorm().initial_state(2)
        >>> for _ in range(3):
        ...     weights, state = method.step(np.diag([1.0, 9.0]), np.ones(2), state)
        >>> [round(float(w), 4) for w in weights]
        [1.05, 0.95]

    Source: Chen et al., "GradNorm: Gradient Normalization for Adaptive Loss Balancing in Deep
    Multitask Networks" (2018), algorithm 1. LibMTL learns the logits of a softmax instead, from
    the second epoch on, and takes first losses from the first epoch's mean.
    """

    def __init__(self, alpha: float = 1.5, learning_rate: float = 0.025) -> None:
        if alpha < 0:
            raise ValueError(f"`alpha` must be at least 0. Received: alpha={alpha}.")
        if not learning_rate > 0:
            raise ValueError(
                f"`learning_rate` must be positive. Received: learning_rate={learning_rate}."
            )
        self.alpha, self.learning_rate = float(alpha), float(learning_rate)

    def initial_state(self, tasks: int) -> State:
        return {
            "weights": ops.ones((tasks,), "float32"),
            # 0 until there was a loss.
            "first": ops.zeros((tasks,), "float32"),
            **adam.initial_moments(tasks),
        }

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        if losses is None:
            raise ValueError("GradNorm looks at the tasks' losses. Received: losses=None.")
        weights, lengths = state["weights"], gramian.norms(gram)
        has_loss = log_losses.present(losses)
        first = ops.where(ops.logical_and(has_loss, state["first"] == 0), losses, state["first"])
        active = ops.logical_and(has_loss, gramian.present(gram) > 0)
        wanted = self._wanted(weights * lengths, losses * gramian.inverse(first), active)
        gradient = _sign(weights * lengths, wanted) * lengths
        change, moments = adam.change(gradient, state, active, self.learning_rate)
        moved = ops.maximum(weights + change, _LEAST_WEIGHT)
        before, after = (ops.sum(log_losses.masked(active, each)) for each in (weights, moved))
        rescaled = moved * before * gramian.inverse(after)
        new = ops.where(active, rescaled, weights)
        return weights, {"weights": new, "first": first, **moments}

    def _wanted(self, lengths: Tensor, progress: Tensor, active: Tensor) -> Tensor:
        """Lengths that weighted gradients should have, `(tasks,)`."""
        count = ops.maximum(ops.sum(ops.cast(active, "float32")), 1.0)
        length, mean = (
            ops.sum(log_losses.masked(active, each)) / count for each in (lengths, progress)
        )
        return length * (progress * gramian.inverse(mean)) ** self.alpha

    def get_config(self) -> dict[str, Any]:
        return {"alpha": self.alpha, "learning_rate": self.learning_rate}


def _sign(values: Tensor, others: Tensor) -> Tensor:
    """Sign of the differences, and 0 where the two are the same up to rounding."""
    difference = values - others
    return ops.sign(ops.where(ops.abs(difference) > _ROUNDED * values, difference, 0.0))
