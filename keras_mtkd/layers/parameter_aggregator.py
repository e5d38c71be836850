"""A layer that combines the objectives' gradients, here and at other weights."""

from collections.abc import Sequence
from typing import Any

from keras_mtkd._backend.export import mtkd_saved
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.parameter_base import FirstOrderOracle, ParameterMethod, Row
from keras_mtkd.balancing.linalg import jacobian_rows
from keras_mtkd.balancing.registry import get
from keras_mtkd.distribution.replicas import replica_count, sum_over_replicas
from keras_mtkd.layers.method_memory import MethodMemory


@mtkd_saved
class ParameterAggregator(MethodMemory):
    """Combines gradients of all weights by a method that looks at other weights too.

    Replicas add every objective's gradients first, here and there, so that one update follows
    from the whole batch.

    Args:
        method: A `keras_mtkd.balancing.ParameterMethod`, or the name or config of one.
        objectives: Number of objectives.
        times_tasks: Whether the shared weights' gradient is multiplied by the number of
            objectives.
        name: Name of the layer.

    Call arguments:
        rows: For every objective, its gradients of the weights.
        losses: The objectives' values, `(objectives,)`; on one of several replicas its share.
        around: The weights and the gradients beside them, those of this replica.

    Returns the gradients to apply.

    Raises:
        ValueError: If there is no objective.
        TypeError: If the method is none of these.
    """

    method: ParameterMethod

    def __init__(
        self,
        method: Any,
        objectives: int,
        times_tasks: bool = False,
        name: str | None = "parameter_aggregator",
    ) -> None:
        method = get(method)
        if not isinstance(method, ParameterMethod):
            raise TypeError(f"`method` must be a `ParameterMethod`. Received: {method!r}.")
        super().__init__(method, objectives, trainable=(), name=name)
        self.times_tasks = times_tasks

    def call(self, rows: Sequence[Row], losses: Tensor, around: FirstOrderOracle) -> Row:
        everywhere = FirstOrderOracle(
            around.weights,
            around.shared,
            lambda displacements: _everywhere(around.gradients(displacements)),
        )
        combined, state = self.method.step(
            _everywhere(rows), sum_over_replicas(losses), everywhere, self.state()
        )
        self.remember(state)
        if self.times_tasks:
            shared = jacobian_rows.times(float(self.objectives), around.only_shared(combined))
            combined = jacobian_rows.total([shared, around.only_own(combined)])
        # The optimiser adds what replicas give it.
        return jacobian_rows.times(1.0 / replica_count(), combined)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "times_tasks": self.times_tasks}


def _everywhere(rows: Sequence[Row]) -> list[Row]:
    """Dense gradients of the whole batch; `None` where no objective depends on a weight."""
    columns = []
    for column in zip(*rows, strict=True):
        filled = jacobian_rows.fill(column)
        columns.append(sum_over_replicas(filled) if filled else [None] * len(column))
    return [list(row) for row in zip(*columns, strict=True)]
