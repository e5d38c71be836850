"""Equal weighting, of losses."""

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.loss_weighting.base import LossWeighting, State
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.EqualWeights")
@register("equal")
class EqualWeights(LossWeighting):
    """Equal weighting: every loss weighs 1.

    `Sum` is the same baseline among methods of gradient aggregation.

    Examples:
        >>> import numpy as np
        >>> [float(w) for w in EqualWeights().weights(np.array([0.3, 2.0]))]
        [1.0, 1.0]

    Source: none; the method that all others are to be measured against.
    """

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        return ops.ones_like(losses), state
