"""A training step that takes the gradient of every objective by itself."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras

from keras_mtkd._backend.autodiff import step_by_rows
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing._linalg import jacobian_rows
from keras_mtkd.balancing._linalg.jacobian_rows import Row
from keras_mtkd.balancing.aggregation.parameter_base import Surroundings
from keras_mtkd.layers.gradient_aggregator import GradientAggregator
from keras_mtkd.layers.parameter_aggregator import ParameterAggregator


class AggregatedStepModel(keras.Model):
    """Replaces Keras' training step where gradients are combined on all shared weights.

    Then `compute_loss` gives, in training, the objectives, what is not balanced if there is
    anything, and 1.
    """

    gradient_aggregator: GradientAggregator | ParameterAggregator | None = None
    weights_heads = False

    def places(self) -> list[str]:
        """For every trainable weight `"shared"`, `"head"` of a single task, or `"other"`."""
        return ["shared"] * len(self.trainable_variables)

    def train_step(self, *args: Any, **kwargs: Any) -> Any:
        if self.gradient_aggregator is None:
            return super().train_step(*args, **kwargs)
        combine = partial(self.combine, self.gradient_aggregator)
        return step_by_rows(self, combine, *args, **kwargs)

    def combine(
        self,
        aggregator: GradientAggregator | ParameterAggregator,
        rows: Sequence[Row],
        values: Tensor,
        weights: Sequence[Tensor],
        gradients_at: Callable[[int, Sequence[Tensor]], Row],
    ) -> list[Tensor | None]:
        """The gradients to apply.

        Args:
            aggregator: What combines the objectives' gradients.
            rows: Gradients of all trainable weights, a list for every value but the last.
            values: What `compute_loss` gave, scaled as the optimiser wishes.
            weights: Values of all trainable weights.
            gradients_at: From the number of a value, and other values of the weights, to the
                value's gradients there, scaled likewise.
        """
        scale = values[-1]
        rows = [jacobian_rows.times(1.0 / scale, row) for row in rows]
        balanced, plain = rows[: aggregator.objectives], rows[aggregator.objectives :]
        losses = values[: aggregator.objectives] / scale
        if isinstance(aggregator, ParameterAggregator):

            def gradients(displacements: Sequence[Row]) -> list[Row]:
                moved = [jacobian_rows.total([weights, row]) for row in displacements]
                there = [gradients_at(number, place) for number, place in enumerate(moved)]
                return [jacobian_rows.times(1.0 / scale, row) for row in there]

            shared = [place == "shared" for place in self.places()]
            around = Surroundings(weights, shared, gradients)
            combined = aggregator(balanced, losses, around=around)
        else:
            combined = self._combined_by_weights(aggregator, balanced, losses)
        return list(jacobian_rows.times(scale, jacobian_rows.total([combined, *plain])))

    def _combined_by_weights(
        self, aggregator: GradientAggregator, rows: Sequence[Row], losses: Tensor
    ) -> list[Tensor | None]:
        """The objectives' gradients, combined where weights are shared."""
        places = self.places()
        shared = [
            [g for g, place in zip(row, places, strict=True) if place == "shared"] for row in rows
        ]
        mixed, weights = aggregator(shared, losses)
        own = jacobian_rows.total(rows)
        if self.weights_heads:
            weighted = jacobian_rows.mixture(weights, rows)
            own = [w if p == "head" else g for g, w, p in zip(own, weighted, places, strict=True)]
        combined = iter(mixed)
        return [
            next(combined) if place == "shared" else g for g, place in zip(own, places, strict=True)
        ]
