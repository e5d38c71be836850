"""Uncertainty weighting: weights from a learned variance for every task."""

from typing import Any, ClassVar

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import log_losses
from keras_mtkd.balancing.loss_weighting.base import LossWeighting, State
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.UncertaintyWeights")
@register("uncertainty")
class UncertaintyWeights(LossWeighting):
    """The objective is `Σ exp(-sᵢ) Lᵢ / 2 + sᵢ / 2`, with learned log-variances `sᵢ`.

    At a given loss the best `sᵢ` is `log Lᵢ`: tasks are weighted by `1 / (2 Lᵢ)`, up to how slowly
    `sᵢ` follows. The objective can be negative. Log-variances, not variances, are learned, so that
    no step can make one negative.

    Args:
        initial: All log-variances before the first step.

    Examples:
        >>> import numpy as np
        >>> [float(w) for w in UncertaintyWeights(initial=0.0).weights(np.array([0.3, 2.0]))]
        [0.5, 0.5]

    Source: Kendall, Gal and Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses for
    Scene Geometry and Semantics" (2018). The halves and the start at -0.5 are LibMTL's.
    """

    trainable: ClassVar[tuple[str, ...]] = ("log_variances",)

    def __init__(self, initial: float = -0.5) -> None:
        self.initial = float(initial)

    def initial_state(self, tasks: int) -> State:
        return {
            "log_variances": ops.full((tasks,), self.initial, "float32"),
            "present": ops.ones((tasks,), "float32"),
        }

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        here = ops.cast(log_losses.present(losses), "float32")
        weights = 0.5 * log_losses.exp(-state["log_variances"])
        return weights, {"log_variances": state["log_variances"], "present": here}

    def penalty(self, state: State) -> Tensor:
        # Without its loss, a task's variance would only shrink.
        return 0.5 * ops.sum(state["present"] * state["log_variances"])

    def get_config(self) -> dict[str, Any]:
        return {"initial": self.initial}
