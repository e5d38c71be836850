"""The Nash bargain among the tasks."""

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.fairgrad import fair_weights
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.NashMTL")
@register("nash_mtl")
class NashMTL(StatelessGramMethod):
    """The update that maximises the product of the tasks' gains: `M w = 1 / w`, `w > 0`.

    Every task contributes `wᵢ ⟨gᵢ, d⟩ = 1`, so the update does not depend on the gradients'
    lengths, `‖d‖² = tasks` and the weights are `FairGrad(alpha=1)`'s. The authors' code solves
    for the Gram matrix divided by its norm, which multiplies all weights by the norm's root,
    every few steps only, and approximately.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in NashMTL().weights(np.diag([4.0, 1.0]))]
        [0.5, 1.0]

    Source: Navon et al., "Multi-Task Learning as a Bargaining Game" (2022); that FairGrad
    contains it is stated in Ban and Ji (2024).
    """

    def _weights(self, gram: Tensor) -> Tensor:
        return fair_weights(gram, alpha=1.0)
