"""A layer that combines the objectives' gradients on the weights that they share."""

from collections.abc import Sequence
from typing import Any

from keras_mtkd._backend.export import mtkd_saved
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, get_gram_method
from keras_mtkd.balancing.linalg import jacobian_rows
from keras_mtkd.balancing.linalg.gramian_of import gram_of
from keras_mtkd.balancing.linalg.jacobian_rows import Row
from keras_mtkd.distribution.replicas import replica_count, sum_over_replicas
from keras_mtkd.layers.method_memory import MethodMemory


@mtkd_saved
class GradientAggregator(MethodMemory):
    """Combines gradients of weights, one list of them an objective.

    Replicas add every objective's gradients first, so that one update follows from the whole
    batch.

    Args:
        method: A `keras_mtkd.balancing.GramMethod`, or the name or config of one.
        objectives: Number of objectives.
        times_tasks: Whether the combined gradient is multiplied by the number of objectives.
        name: Name of the layer.

    Call arguments:
        rows: For every objective, its gradients of the weights; all of the same shapes.
        losses: The objectives' values, `(objectives,)`; on one of several replicas its share.

    Returns `(combined, weights)`: the gradients to apply, and what each objective's were
    multiplied by, `(objectives,)`.

    Raises:
        ValueError: If there is no objective.
        TypeError: If the method is none of gradients.
    """

    method: GramMethod

    def __init__(
        self,
        method: Any,
        objectives: int,
        times_tasks: bool = False,
        name: str | None = "gradient_aggregator",
    ) -> None:
        method = get_gram_method(method)
        super().__init__(method, objectives, trainable=(), name=name)
        self.times_tasks = times_tasks

    def call(self, rows: Sequence[Row], losses: Tensor) -> tuple[list[Tensor | None], Tensor]:
        columns = [jacobian_rows.fill(column) for column in zip(*rows, strict=True)]
        columns = [sum_over_replicas(column) if column else [] for column in columns]
        grams = [gram_of(column) for column in columns if column]
        weights, state = self.method.step(sum(grams), sum_over_replicas(losses), self.state())
        self.remember(state)
        weights *= self.objectives if self.times_tasks else 1
        # The optimiser adds what replicas give it.
        share = weights / replica_count()
        combined = [
            sum(share[i] * row for i, row in enumerate(column)) if column else None
            for column in columns
        ]
        return combined, weights

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "times_tasks": self.times_tasks}
