"""Equal weighting, of gradients."""

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.Sum")
@register("sum")
class Sum(StatelessGramMethod):
    """Equal weighting: every gradient weighs 1.

    `EqualWeights` is the same baseline among loss weightings.

    Examples:
        >>> import numpy as np
        >>> [float(w) for w in Sum().weights(np.eye(3))]
        [1.0, 1.0, 1.0]

    Source: none; the method that all others are to be measured against.
    """

    def _weights(self, gram: Tensor) -> Tensor:
        return ops.ones((gram.shape[0],), "float32")
