"""Geometric loss strategy: the geometric mean of the losses."""

from keras import ops

from keras_mtkd._export import mtkd_export
from keras_mtkd._types import Tensor
from keras_mtkd.balancing import _losses
from keras_mtkd.balancing.loss_weighting import LossWeighting, State


@mtkd_export("keras_mtkd.balancing.GLS")
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
        here, logs = _losses.present(losses), _losses.logs(losses)
        count = ops.maximum(ops.sum(ops.cast(here, "float32")), 1.0)
        weights = _losses.exp(ops.sum(logs) / count - logs) / count
        return _losses.masked(here, weights), state
