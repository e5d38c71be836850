"""Imbalance-sensitive gradient descent: CAGrad whose trade-off follows the imbalance."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation import _simplex
from keras_mtkd.balancing.aggregation._mean import cosines_with_mean, mean_length
from keras_mtkd.balancing.aggregation.cagrad import check_arguments, within_ball
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.IMGrad")
@register("imgrad")
class IMGrad(StatelessGramMethod):
    """CAGrad with a mixture chosen by how far one task dominates.

    With `μ` the cosine between the mean gradient `g₀` and the shortest mixture (MGDA), `w`
    minimises `(1.5 - μ) ⟨g_w, g₀⟩ + μ c ‖g₀‖ ‖g_w‖`; the step from `w` is CAGrad's. The imbalance
    changes the mixture only, not the length of the step.

    Args:
        c: As in `CAGrad`.
        rescale: As in `CAGrad`.

    Raises:
        ValueError: As `CAGrad`.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in IMGrad(c=0.5, rescale="none").weights(np.eye(2))]
        [0.75, 0.75]

    Source: Zhou et al., "Injecting Imbalance Sensitivity for Multi-Task Learning" (2025), in the
    form of the authors' code for NYUv2; their code for Cityscapes computes something else.
    """

    def __init__(self, c: float = 0.8, rescale: str = "square") -> None:
        self.c, self.rescale = check_arguments(c, rescale)

    def _weights(self, gram: Tensor) -> Tensor:
        balance = balance_of(gram)
        mixture = _simplex.linear_and_length(
            gram, cosines_with_mean(gram), 1.5 - balance, balance * self.c
        )
        return within_ball(gram, mixture, self.c, self.rescale)

    def get_config(self) -> dict[str, Any]:
        return {"c": self.c, "rescale": self.rescale}


def balance_of(gram: Tensor) -> Tensor:
    """Cosine of the mean gradient with the shortest mixture, between 0 and 1."""
    shortest = _simplex.min_norm(gram)
    scale = gramian.inverse(gramian.length(gram, shortest)) * gramian.inverse(mean_length(gram))
    return ops.clip(gramian.dot(shortest, ops.mean(gram, axis=1)) * scale, 0.0, 1.0)
