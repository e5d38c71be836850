"""Gradient descent on the directions that serve all tasks."""

from typing import Any

from keras import ops

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation._spectrum import spectrum
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.aggregation.mgda import MGDA
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register

FALLBACKS = ("min_norm", "mean")
# How far a cosine may lie on the other side of 0 and count as 0: rounding.
_ZERO = 1e-5


@mtkd_export("keras_mtkd.balancing.GDOD")
@register("gdod")
class GDOD(StatelessGramMethod):
    """The part of the summed gradients along principal directions on which all tasks agree.

    A direction, an eigenvector of `M`, is shared if its coefficients have the same sign for all
    tasks; the weights are `V_S V_Sᵀ 1` with the shared ones `V_S`. Vectors at right angles cannot
    both have one strict sign: at most one direction is ever kept, besides coefficients that are
    0, and with three tasks or more often none.

    Args:
        fallback: The update where no direction is shared: `"min_norm"` is MGDA's, which conflicts
            with no task either, `"mean"` the mean gradient.

    Raises:
        ValueError: If the fallback is not known.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in GDOD().weights(np.array([[1.0, 0.5], [0.5, 1.0]]))]
        [1.0, 1.0]

    Source: Dong et al., "GDOD: Effective Gradient Descent using Orthogonal Decomposition for
    Multi-Task Learning" (2022). The shared part is as described second-hand and in a derived
    form; what to do with the rest, and the fallback, are reconstructed.
    """

    reconstructed = True

    def __init__(self, fallback: str = "min_norm") -> None:
        check_choice("fallback", fallback, FALLBACKS)
        self.fallback = fallback

    def _weights(self, gram: Tensor) -> Tensor:
        values, vectors, kept = spectrum(gram)
        # Signs as of the eigenvectors, but not lost in rounding where gradients are short.
        scale = gramian.inverse(gramian.norms(gram))[:, None] * gramian.inverse(
            ops.sqrt(values * kept)
        )
        cosines = scale * ops.stack(
            [gramian.times(gram, v) for v in ops.unstack(vectors, axis=1)], 1
        )
        agree = ops.all(cosines >= -_ZERO, axis=0) | ops.all(cosines <= _ZERO, axis=0)
        shared = kept * ops.cast(agree, "float32")
        weights = gramian.times(vectors, shared * ops.sum(vectors, axis=0))
        return ops.where(ops.any(shared > 0), weights, self._unshared(gram))

    def _unshared(self, gram: Tensor) -> Tensor:
        if self.fallback == "mean":
            return gramian.equal(gram.shape[0])
        return MGDA()._weights(gram)

    def get_config(self) -> dict[str, Any]:
        return {"fallback": self.fallback}
