"""Conflict-averse gradient descent, and the step from a mixture that it shares."""

from typing import Any

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation import _simplex
from keras_mtkd.balancing.aggregation._mean import cosines_with_mean, mean_length
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register

RESCALE = ("none", "square", "linear")


@mtkd_export("keras_mtkd.balancing.CAGrad")
@register("cagrad")
class CAGrad(StatelessGramMethod):
    """The direction near the mean gradient whose worst gain over the tasks is best.

    `max_d min_i ⟨gᵢ, d⟩` with `‖d - g₀‖ <= c ‖g₀‖` and the mean gradient `g₀`. By duality
    `d = g₀ + c ‖g₀‖ g_w / ‖g_w‖`, where `w` minimises `⟨g_w, g₀⟩ + c ‖g₀‖ ‖g_w‖` over weights
    `>= 0` that sum to 1. `c = 0` is the mean gradient. A task without a gradient is not asked for
    its gain.

    Args:
        c: Radius of the ball in lengths of the mean gradient, `0 <= c < 1`.
        rescale: `"square"` divides the result by `1 + c²`, `"linear"` by `1 + c`, `"none"` by 1.
            The authors' code multiplies it by the number of tasks besides, this class does not.

    Raises:
        ValueError: If `c` or `rescale` is none of these.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in CAGrad(c=0.5, rescale="none").weights(np.eye(2))]
        [0.75, 0.75]

    Source: Liu et al., "Conflict-Averse Gradient Descent for Multi-task Learning" (2021), and the
    authors' code.
    """

    def __init__(self, c: float = 0.4, rescale: str = "square") -> None:
        self.c, self.rescale = check_arguments(c, rescale)

    def _weights(self, gram: Tensor) -> Tensor:
        mixture = _simplex.linear_and_length(gram, cosines_with_mean(gram), 1.0, self.c)
        return within_ball(gram, mixture, self.c, self.rescale)

    def get_config(self) -> dict[str, Any]:
        return {"c": self.c, "rescale": self.rescale}


def check_arguments(c: float, rescale: str) -> tuple[float, str]:
    """Return the arguments, or say which is not valid."""
    if not 0 <= c < 1:
        raise ValueError(f"`c` must be at least 0 and less than 1. Received: c={c}.")
    check_choice("rescale", rescale, RESCALE)
    return float(c), rescale


def within_ball(gram: Tensor, mixture: Tensor, c: float, rescale: str) -> Tensor:
    """Weights of `g₀ + c ‖g₀‖ g_w / ‖g_w‖`, rescaled, for a mixture `w`."""
    ratio = c * mean_length(gram) * gramian.inverse(gramian.length(gram, mixture))
    divisor = {"none": 1.0, "square": 1.0 + c * c, "linear": 1.0 + c}[rescale]
    return (gramian.equal(gram.shape[0]) + ratio * mixture) / divisor
