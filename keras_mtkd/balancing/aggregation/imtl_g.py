"""Impartial gradients: equal projections on every task's direction."""

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.IMTLG")
@register("imtl_g")
class IMTLG(StatelessGramMethod):
    """Weights that sum to 1, of either sign, whose update projects equally on every direction.

    `⟨uᵢ, d⟩` is the same for all unit gradients `uᵢ`, hence `wᵢ ∝ (C⁻¹ 1)ᵢ / ‖gᵢ‖` with the
    cosines `C`. A task without a gradient has no weight. Where gradients depend on each other, as
    when one is the sum of the others, the update can be 0 although no two are in conflict.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in IMTLG().weights(np.diag([1.0, 9.0]))]
        [0.75, 0.25]

    Source: Liu et al., "Towards Impartial Multi-task Learning" (2021), equation for the
    gradients; the form with cosines is derived.
    """

    def _weights(self, gram: Tensor) -> Tensor:
        present = gramian.present(gram)
        tasks = gram.shape[0]
        # Opposite directions have a singular matrix; the ridge picks their solution, 0.
        shares = gramian.solve(gramian.cosines(gram) + gramian.ridge(tasks), present)
        weights = present * shares * gramian.inverse(gramian.norms(gram) * present)
        total = ops.sum(weights)
        usable = ops.abs(total) > gramian.RIDGE * ops.sum(ops.abs(weights))
        return ops.where(usable, weights / ops.where(usable, total, 1.0), gramian.equal(tasks))
