"""Objectives whose gradients are combined on all shared weights."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.autodiff import step_by_rows
from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.balancing.aggregation.parameter_base import FirstOrderOracle, ParameterMethod
from keras_mtkd.balancing.balancing import Balancing
from keras_mtkd.balancing.grouped import grouped
from keras_mtkd.balancing.linalg import jacobian_rows
from keras_mtkd.balancing.linalg.jacobian_rows import Row
from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.balancing.balancer import Balancer
from keras_mtkd.distillers.balancing.split import shared_variables
from keras_mtkd.layers.gradient_aggregator import GradientAggregator
from keras_mtkd.layers.parameter_aggregator import ParameterAggregator


class ParameterBalancer(Balancer):
    """Takes the gradient of every objective by itself, in a training step of its own.

    Args:
        model: The student, functional with dict outputs.
        student: The same with its taps.
        objectives: What is balanced.
        balancing: The method and its options.
    """

    kept_as = "gradient_aggregator"
    layer: GradientAggregator | ParameterAggregator

    def __init__(
        self,
        model: keras.Model,
        student: TappedModel,
        objectives: Objectives,
        balancing: Balancing,
    ) -> None:
        super().__init__(student, objectives)
        self._model, self._balancing = model, balancing
        method = grouped(balancing.method, objectives.groups, balancing.record)
        looks_around = isinstance(method, ParameterMethod)
        aggregator = ParameterAggregator if looks_around else GradientAggregator
        self.layer = aggregator(method, len(objectives.names), balancing.times_tasks)

    def total(
        self, values: Tensor, plain: Tensor | float, carried: Mapping[str, Tensor], batch: Tensor
    ) -> Tensor:
        """The objectives, all else if there is anything, and 1, which tells how they are scaled."""
        others = [] if isinstance(plain, float) else [plain]
        return ops.stack([*ops.unstack(values), *others, 1.0])

    def train_step(self, model: keras.Model, usual: Callable[..., Any], *arguments: Any) -> Any:
        combine = partial(self.combine, self.places(model.trainable_variables))
        return step_by_rows(model, combine, *arguments)

    def places(self, trainable: Sequence[keras.Variable]) -> list[str]:
        """For every trainable weight `"shared"`, `"head"` of a single task, or `"other"`."""
        shared = shared_variables(self._model)
        own = {id(variable) for variable in self._model.trainable_variables} - shared
        kinds = {**dict.fromkeys(shared, "shared"), **dict.fromkeys(own, "head")}
        return [kinds.get(id(variable), "other") for variable in trainable]

    def check(self, trainable: Sequence[keras.Variable]) -> None:
        """Refuse a model in which no trainable weight is shared.

        Raises:
            ValueError: Likewise.
        """
        if "shared" not in self.places(trainable):
            raise ValueError(
                "No trainable weight is shared by several tasks, so that there are no gradients to "
                "balance over parameters. Is the backbone frozen? Leave `balancing` out, or make "
                f"some of its layers trainable. Received: balancing={self._balancing!r}."
            )

    def combine(
        self,
        places: Sequence[str],
        rows: Sequence[Row],
        values: Tensor,
        weights: Sequence[Tensor],
        gradients_at: Callable[[int, Sequence[Tensor]], Row],
    ) -> list[Tensor | None]:
        """The gradients to apply.

        Args:
            places: As `places` gives them.
            rows: Gradients of all trainable weights, a list for every value but the last.
            values: What `total` gave, scaled as the optimiser wishes.
            weights: Values of all trainable weights.
            gradients_at: From the number of a value, and other values of the weights, to the
                value's gradients there, scaled likewise.
        """
        scale, count = values[-1], self.layer.objectives
        rows = [jacobian_rows.times(1.0 / scale, row) for row in rows]
        balanced, plain, losses = rows[:count], rows[count:], values[:count] / scale
        if isinstance(self.layer, ParameterAggregator):

            def gradients(displacements: Sequence[Row]) -> list[Row]:
                moved = [jacobian_rows.total([weights, row]) for row in displacements]
                there = [gradients_at(number, place) for number, place in enumerate(moved)]
                return [jacobian_rows.times(1.0 / scale, row) for row in there]

            shared = [place == "shared" for place in places]
            around = FirstOrderOracle(weights, shared, gradients)
            combined = self.layer(balanced, losses, around=around)
        else:
            combined = self._by_weights(self.layer, places, balanced, losses)
        return list(jacobian_rows.times(scale, jacobian_rows.total([combined, *plain])))

    def _by_weights(
        self,
        aggregator: GradientAggregator,
        places: Sequence[str],
        rows: Sequence[Row],
        losses: Tensor,
    ) -> list[Tensor | None]:
        """The objectives' gradients, combined where weights are shared."""
        shared = [
            [g for g, place in zip(row, places, strict=True) if place == "shared"] for row in rows
        ]
        mixed, weights = aggregator(shared, losses)
        own = jacobian_rows.total(rows)
        if self._balancing.weight_heads:
            weighted = jacobian_rows.mixture(weights, rows)
            own = [w if p == "head" else g for g, w, p in zip(own, weighted, places, strict=True)]
        combined = iter(mixed)
        return [
            next(combined) if place == "shared" else g for g, place in zip(own, places, strict=True)
        ]
