"""Gradients one step ahead: every task as an episode of meta-learning."""

from collections.abc import Sequence
from typing import Any

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


@mtkd_export("keras_mtkd.balancing.SingleGradientStep")
@register("single_gradient_step")
class SingleGradientStep(ParameterMethod):
    """The sum of the gradients that the tasks have after a step of their own.

    First heads and adaptors step on their own gradients, `h' = h - α' Σᵢ kᵢ`, while shared
    weights stay; then `θᵢ' = θ - α gᵢ(θ, h')`, and the update is `Σᵢ gᵢ(θᵢ', h')`. Second
    derivatives are left out, as in first-order MAML. The optimiser applies `Σᵢ kᵢ` to heads and
    adaptors, and this update to the shared weights. Two more passes an objective.

    Args:
        rate: `α`, the length of the tasks' own steps.
        head_rate: `α'`: with plain gradient descent its rate; `rate` if left out, and 0 looks
            ahead from the heads as they are, which saves one of the passes.

    Raises:
        ValueError: If a rate is negative.

    Examples:
        >>> SingleGradientStep(rate=0.1)
        SingleGradientStep(rate=0.1, head_rate=0.1)

    Source: Lee and Son, "Multitask Learning with Single Gradient Step Update for Task Balancing"
    (2020), known from its abstract: two phases, heads first. The formula is reconstructed.
    """

    reconstructed = True

    def __init__(self, rate: float = 0.01, head_rate: float | None = None) -> None:
        head_rate = rate if head_rate is None else head_rate
        if min(rate, head_rate) < 0:
            raise ValueError(
                f"Rates must not be negative. Received: rate={rate}, head_rate={head_rate}."
            )
        self.rate, self.head_rate = float(rate), float(head_rate)

    def step(
        self, rows: Sequence[Row], losses: Tensor, around: FirstOrderOracle, state: State
    ) -> tuple[Row, State]:
        own = jacobian_rows.total([around.only_own(row) for row in rows])
        heads = jacobian_rows.times(-self.head_rate, own)
        if self.head_rate:
            rows = around.gradients([heads] * len(rows))
        ahead = [
            jacobian_rows.total([heads, jacobian_rows.times(-self.rate, around.only_shared(row))])
            for row in rows
        ]
        shared = [around.only_shared(row) for row in around.gradients(ahead)]
        return jacobian_rows.total([own, *shared]), state

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate, "head_rate": self.head_rate}
