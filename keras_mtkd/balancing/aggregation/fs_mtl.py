"""Flat minima for every task: a method on gradients, and on their change uphill."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import get_gram_method
from keras_mtkd.balancing.aggregation.parameter_base import (
    FirstOrderOracle,
    ParameterMethod,
    Row,
    State,
)
from keras_mtkd.balancing.base import as_part, of_part
from keras_mtkd.balancing.linalg import gramian, jacobian_rows
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.FSMTL")
@register("fs_mtl")
class FSMTL(ParameterMethod):
    """Combines the gradients by a method, and likewise what makes each task's minimum flat.

    Every objective's weights are moved uphill by `εᵢ = ρ a² gᵢ / ‖a gᵢ‖`, shared ones and its
    own each with their own length; there its gradient is `gᵢ + fᵢ`. The update is `A(g) + A(f)`
    with the method `A`. Heads and adaptors get their gradients at the moved weights. Twice the
    passes of the method alone.

    Args:
        method: A `GramMethod`, or the name or config of one.
        rho: Length `ρ` of the move; 2 is for `adaptive` moves, 0.05 is usual for others.
        adaptive: Whether `a` is the size of each weight, or 1.
        unit_length: Whether all `gᵢ` and all `fᵢ` are brought to length 1 before they are
            combined, as the authors do for MGDA.

    Raises:
        TypeError: If the method is none of gradients.
        ValueError: If `rho` is negative.

    Examples:
        >>> FSMTL("mgda", rho=0.05, adaptive=False)
        FSMTL(method=MGDA(), rho=0.05, adaptive=False, unit_length=False)

    Source: Phan et al., "Beyond Losses Reweighting: Empowering Multi-Task Learning via the
    Generalization Perspective" (2025), and the authors' code, read for what it does.
    """

    def __init__(
        self,
        method: Any = "cagrad",
        rho: float = 2.0,
        adaptive: bool = True,
        unit_length: bool = False,
    ) -> None:
        self.method = get_gram_method(method)
        if rho < 0:
            raise ValueError(f"`rho` must not be negative. Received: rho={rho}.")
        self.rho, self.adaptive, self.unit_length = float(rho), adaptive, unit_length

    def initial_state(self, tasks: int) -> State:
        start = self.method.initial_state(tasks)
        return {**as_part(0, start), **as_part(1, start)}

    def step(
        self, rows: Sequence[Row], losses: Tensor, around: FirstOrderOracle, state: State
    ) -> tuple[Row, State]:
        uphill = around.gradients([self._move(row, around) for row in rows])
        shared = [around.only_shared(row) for row in rows]
        flat = [
            jacobian_rows.minus(around.only_shared(there), here)
            for there, here in zip(uphill, shared, strict=True)
        ]
        new: State = {}
        parts = [jacobian_rows.total([around.only_own(row) for row in uphill])]
        for number, part in enumerate((shared, flat)):
            mixed, own = self._mixed(part, losses, of_part(number, state))
            parts.append(mixed)
            new.update(as_part(number, own))
        return jacobian_rows.total(parts), new

    def _move(self, row: Row, around: FirstOrderOracle) -> Row:
        """An objective's move uphill, of shared weights and of its own."""
        pairs = list(zip(row, around.weights, strict=True))
        scaled = [None if g is None else self._size(w) * g for g, w in pairs]
        parts = []
        for part in (around.only_shared(scaled), around.only_own(scaled)):
            factor = self.rho * gramian.inverse(jacobian_rows.length(part))
            parts.append([
                None if g is None else factor * self._size(w) * g
                for g, w in zip(part, around.weights, strict=True)
            ])  # fmt: skip
        return jacobian_rows.total(parts)

    def _size(self, weight: Tensor) -> Tensor:
        return ops.abs(weight) if self.adaptive else ops.ones_like(weight)

    def _mixed(self, rows: Sequence[Row], losses: Tensor, state: State) -> tuple[Row, State]:
        if self.unit_length:
            lengths = [jacobian_rows.length(row) for row in rows]
            rows = [
                jacobian_rows.times(gramian.inverse(length), row)
                for length, row in zip(lengths, rows, strict=True)
            ]
        weights, new = self.method.step(jacobian_rows.gram(rows), losses, state)
        return jacobian_rows.mixture(weights, rows), new

    def get_config(self) -> dict[str, Any]:
        return {
            "method": keras.saving.serialize_keras_object(self.method),
            "rho": self.rho,
            "adaptive": self.adaptive,
            "unit_length": self.unit_length,
        }

    def __repr__(self) -> str:
        options = {**self.get_config(), "method": self.method}
        return f"FSMTL({', '.join(f'{name}={value!r}' for name, value in options.items())})"
