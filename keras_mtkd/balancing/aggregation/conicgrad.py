"""The direction in a cone around the mean gradient whose worst gain is best."""

import math
from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation import _simplex
from keras_mtkd.balancing.aggregation._mean import cosines_with_mean, mean_length
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.ConicGrad")
@register("conicgrad")
class ConicGrad(StatelessGramMethod):
    """The direction in a cone around the mean gradient `g₀` whose worst gain is best.

    `max_d min_i ⟨gᵢ, d⟩` over `‖d‖ = ‖g₀‖` with `⟨g₀, d⟩ >= c ‖g₀‖ ‖d‖`. The dual minimises, over
    weights `>= 0` that sum to 1, `‖g_w‖` where `g_w` lies in the cone and else
    `c a + √(1 - c²) √(‖g_w‖² - a²)`, with `a` the part of `g_w` along `g₀`. A task without a
    gradient is not asked for its gain.

    Args:
        c: Cosine of the cone's half-angle, `0 <= c <= 1`. 1 is the mean gradient; at 0 the cone is
            a half-space and the direction MGDA's.

    Raises:
        ValueError: If `c` is not between 0 and 1.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in ConicGrad(c=0.5).weights(np.eye(2))]
        [0.5, 0.5]

    Source: the problem of Hassanpour et al., "Fantastic Multi-Task Gradient Updates and How to
    Find Them In a Cone" (2025), as its abstract and restatements give it. The solver is derived
    here and exact; the paper's closed form and its `c` could not be read: reconstructed.
    """

    reconstructed = True

    def __init__(self, c: float = 0.5) -> None:
        if not 0 <= c <= 1:
            raise ValueError(f"`c` must be between 0 and 1. Received: c={c}.")
        self.c = float(c)

    def _weights(self, gram: Tensor) -> Tensor:
        cosines, along = gramian.cosines(gram), cosines_with_mean(gram)
        across = cosines - along[:, None] * along[None, :]
        sine = math.sqrt(1.0 - self.c**2)

        def derivatives(x: Tensor) -> tuple[Tensor, Tensor]:
            inside = gramian.dot(along, x) >= self.c * gramian.length(cosines, x)
            gradient, hessian = _simplex.length_derivatives(cosines, x)
            edge_gradient, edge_hessian = _simplex.length_derivatives(across, x)
            return (
                ops.where(inside, gradient, self.c * along + sine * edge_gradient),
                ops.where(inside, hessian, sine * edge_hessian),
            )

        mixture = _simplex.minimum(gram, derivatives)
        return self._direction(gram, mixture)

    def _direction(self, gram: Tensor, mixture: Tensor) -> Tensor:
        """Weights of the best direction in the cone for one mixture, as long as the mean."""
        mean = gramian.equal(gram.shape[0])
        long = mean_length(gram)
        along = gramian.dot(mixture, ops.mean(gram, axis=1)) * gramian.inverse(long)
        across = mixture - along * gramian.inverse(long) * mean
        edge = self.c * mean * gramian.inverse(long) + math.sqrt(
            1.0 - self.c**2
        ) * across * gramian.inverse(gramian.length(gram, across))
        inside = along >= self.c * gramian.length(gram, mixture)
        weights = ops.where(inside, mixture, edge)
        return weights * long * gramian.inverse(gramian.length(gram, weights))

    def get_config(self) -> dict[str, Any]:
        return {"c": self.c}
