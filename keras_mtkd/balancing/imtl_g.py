"""Impartial gradients: equal projections on every task's direction."""

from keras import ops

from keras_mtkd._export import mtkd_export
from keras_mtkd._types import Tensor
from keras_mtkd.balancing import _gram
from keras_mtkd.balancing.gram_method import StatelessGramMethod


@mtkd_export("keras_mtkd.balancing.IMTLG")
class IMTLG(StatelessGramMethod):
    """Weights that sum to 1, of either sign, whose update projects equally on every direction.

    `⟨uᵢ, d⟩` is the same for all unit gradients `uᵢ`, hence `wᵢ ∝ (C⁻¹ 1)ᵢ / ‖gᵢ‖` with the
    cosines `C`. A task without a gradient has no weight.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in IMTLG().weights(np.diag([1.0, 9.0]))]
        [0.75, 0.25]

    Source: Liu et al., "Towards Impartial Multi-task Learning" (2021), equation for the
    gradients; the form with cosines is derived.
    """

    def _weights(self, gram: Tensor) -> Tensor:
        present = _gram.present(gram)
        tasks = gram.shape[0]
        # Opposite directions have a singular matrix; the ridge picks their solution, 0.
        shares = _gram.solve(_gram.cosines(gram) + _gram.ridge(tasks), present)
        weights = present * shares * _gram.inverse(_gram.norms(gram) * present)
        total = ops.sum(weights)
        usable = ops.abs(total) > _gram.RIDGE * ops.sum(ops.abs(weights))
        return ops.where(usable, weights / ops.where(usable, total, 1.0), _gram.equal(tasks))
