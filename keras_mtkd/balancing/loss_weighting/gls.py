"""Geometric loss strategy: the geometric mean of the losses."""

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import log_losses
from keras_mtkd.balancing.loss_weighting.base import LossWeighting, State
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.GLS")
@register("gls")
class GLS(LossWeighting):
    """`wᵢ = G / (n Lᵢ)`, with the geometric mean `G` of the `n` losses.

    The weighted sum is `G` and its gradient that of `G`. The scale of a loss changes the length of
    the gradient and not its direction. Losses must be positive; tasks that are missing in a step
    are left out of its mean.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in GLS().weights(np.array([0.25, 4.0]))]
        [2.0, 0.125]

    Source: Chennupati et al., "MultiNet++: Multi-Stream Feature Aggregation and Geometric Loss
    Strategy for Multi-Task Learning" (2019). The form with weights is derived.
    """

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        here, logs = log_losses.present(losses), log_losses.logs(losses)
        count = ops.maximum(ops.sum(ops.cast(here, "float32")), 1.0)
        weights = log_losses.exp(ops.sum(logs) / count - logs) / count
        return log_losses.masked(here, weights), state
