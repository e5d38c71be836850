"""Gradients of one length, and representations that are rotated so that they agree."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, State
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.RotoGrad")
@register("rotograd")
class RotoGrad(GramMethod):
    """All gradients at the length of those that grew most; heads turn towards the mean.

    `wᵢ = C / nᵢ` with the lengths `nᵢ`, `C = Σ αᵢ nᵢ` and `αᵢ ∝ nᵢ / nᵢ⁰`: lengths relative to
    those of the first step, taken anew once after `burn_in` steps. A task without a gradient has
    no weight.

    In a distiller every head must begin with a `layers.Rotation`, as those of
    `models.hard_sharing(..., rotations=True)` do. Rotations learn only to bring the gradients
    together, see `RotatingBalancer`, by an Adam of their own.

    Args:
        learning_rate: Rate of the rotations. Smaller than the student's: who leads must be slower
            than who follows.
        burn_in: Steps after which the lengths to compare with are taken anew.

    Raises:
        ValueError: If one is not positive.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in RotoGrad().weights(np.diag([1.0, 9.0]))]
        [2.0, 0.6667]

    Source: Javaloy and Valera, "RotoGrad: Gradient Homogenization in Multitask Learning" (2022),
    and the authors' code. The rate's default is this package's.
    """

    levels = ("representation",)

    def __init__(self, learning_rate: float = 5e-4, burn_in: int = 20) -> None:
        if learning_rate <= 0 or burn_in < 1:
            raise ValueError(
                "`learning_rate` and `burn_in` must be positive. "
                f"Received: learning_rate={learning_rate}, burn_in={burn_in}."
            )
        self.learning_rate, self.burn_in = float(learning_rate), burn_in

    def initial_state(self, tasks: int) -> State:
        return {"step": ops.zeros((), "int32"), "first": ops.zeros((tasks,), "float32")}

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        step, lengths = state["step"], gramian.norms(gram)
        anew = ops.logical_or(step == 0, step == self.burn_in)
        first = ops.where(anew, lengths, state["first"])
        shares = gramian.summing_to_one(lengths * gramian.inverse(first))
        weights = ops.sum(shares * lengths) * gramian.inverse(lengths)
        return weights, {"step": step + 1, "first": first}

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": self.learning_rate, "burn_in": self.burn_in}
