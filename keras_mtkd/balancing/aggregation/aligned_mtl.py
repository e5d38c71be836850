"""Aligned principal components: all common directions count alike."""

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation._spectrum import spectrum
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.AlignedMTL")
@register("aligned_mtl")
class AlignedMTL(StatelessGramMethod):
    """The sum of the gradients after their singular values were all set to the smallest.

    With `M = V diag(σ²) Vᵀ` the weights are `σ_min V diag(1/σ) Vᵀ 1`. Directions that are only
    rounding error are left out: in single precision, singular values more than about 1,000 times
    smaller than the largest, so that a task with so short a gradient has no say.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in AlignedMTL().weights(np.diag([4.0, 1.0]))]
        [0.5, 1.0]

    Source: Senushkin et al., "Independent Component Alignment for Multi-Task Learning" (2023),
    read in TorchJD. TorchJD divides by the number of tasks, this class does not.
    """

    def _weights(self, gram: Tensor) -> Tensor:
        values, vectors, kept = spectrum(gram)
        sizes = ops.sqrt(ops.maximum(values, 0.0)) * kept
        smallest = ops.min(ops.where(kept > 0, sizes, float("inf")))
        shares = ops.where(kept > 0, smallest * gramian.inverse(sizes), 0.0)
        weights = gramian.times(vectors, shares * ops.sum(vectors, axis=0))
        return ops.where(ops.any(kept > 0), weights, ops.ones_like(weights))
