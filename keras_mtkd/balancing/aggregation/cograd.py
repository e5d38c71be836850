"""Coordinated gradients: steps of one task that also lower the losses of the others."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.parameter_base import (
    FirstOrderOracle,
    ParameterMethod,
    Row,
    State,
)
from keras_mtkd.balancing.linalg import jacobian_rows
from keras_mtkd.balancing.registry import register

HESSIANS = ("fisher_diag", "hvp")
# Length of a finite difference, as a share of the weights' length.
_DIFFERENCE = 0.01


@mtkd_export("keras_mtkd.balancing.CoGrad")
@register("cograd")
class CoGrad(ParameterMethod):
    """The sum of the gradients, turned towards where each task's step helps the others.

    `d = Σᵢ gᵢ - s Σ_{i≠j} (Hᵢ gⱼ + Hⱼ gᵢ)` with the Hessians `Hᵢ` of the objectives on the shared
    weights: to first order the gradient of the losses after the steps of the others, and an
    ascent on the gradients' inner products. Other weights get their plain gradients.

    Args:
        strength: `s`, the product of the length of the steps and the weight of the correction.
        hessian: `"fisher_diag"` approximates `Hᵢ` by `diag(gᵢ²)`, at no cost. `"hvp"` takes
            products with the Hessians by finite differences: another forward and backward pass
            an objective.

    Raises:
        ValueError: If the strength is negative or the Hessian is none of these.

    Examples:
        >>> CoGrad(strength=0.1)
        CoGrad(strength=0.1, hessian='fisher_diag')

    Source: Yang et al., "Gradient Coordination for Quantifying and Maximizing Knowledge
    Transference in Multi-Task Learning" (2023), known from its abstract: that the total
    transference is maximised, with a cheap Hessian. The formula, both Hessians and the strength
    are reconstructed.
    """

    reconstructed = True

    def __init__(self, strength: float = 0.01, hessian: str = "fisher_diag") -> None:
        if strength < 0:
            raise ValueError(f"`strength` must not be negative. Received: strength={strength}.")
        check_choice("hessian", hessian, HESSIANS)
        self.strength, self.hessian = float(strength), hessian

    def step(
        self, rows: Sequence[Row], losses: Tensor, around: FirstOrderOracle, state: State
    ) -> tuple[Row, State]:
        plain = jacobian_rows.total(rows)
        shared = [around.only_shared(row) for row in rows]
        of_all = around.only_shared(plain)
        others = [jacobian_rows.minus(of_all, row) for row in shared]
        if self.hessian == "hvp":
            products = _hessian_products(rows, others, around)
        else:
            products = [
                jacobian_rows.product(jacobian_rows.product(row, row), other)
                for row, other in zip(shared, others, strict=True)
            ]
        # Every ordered pair is counted twice: Σ_{i≠j} Hⱼ gᵢ is Σ_{i≠j} Hᵢ gⱼ.
        correction = jacobian_rows.times(2.0 * self.strength, jacobian_rows.total(products))
        return jacobian_rows.minus(plain, correction), state

    def get_config(self) -> dict[str, Any]:
        return {"strength": self.strength, "hessian": self.hessian}


def _hessian_products(
    rows: Sequence[Row], directions: Sequence[Row], around: FirstOrderOracle
) -> list[Row]:
    """Each objective's Hessian on the shared weights times a direction."""
    size = jacobian_rows.length(around.only_shared(list(around.weights)))
    step = _DIFFERENCE * ops.where(size > 0, size, 1.0)
    lengths = [jacobian_rows.length(direction) for direction in directions]
    inverse = [ops.where(one > 0, 1.0 / ops.where(one > 0, one, 1.0), 0.0) for one in lengths]
    moved = around.gradients(
        [jacobian_rows.times(step * k, d) for k, d in zip(inverse, directions, strict=True)]
    )
    return [
        around.only_shared(jacobian_rows.times(one / step, jacobian_rows.minus(there, here)))
        for one, there, here in zip(lengths, moved, rows, strict=True)
    ]
