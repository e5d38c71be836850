"""Objectives that are weighted by their values."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.balancing.balancing import Balancing
from keras_mtkd.balancing.grouped import grouped
from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.balancing.balancer import Balancer
from keras_mtkd.distillers.loss_trackers import record, weight_means, weight_name
from keras_mtkd.distribution.replicas import replica_count
from keras_mtkd.layers.loss_weights import LossWeights


class LossWeightingBalancer(Balancer):
    """Multiplies every objective by a weight that a `LossWeighting` gives it.

    Args:
        student: The student with its taps.
        objectives: What is balanced.
        balancing: The method.
    """

    kept_as = "loss_weighting"
    layer: LossWeights

    def __init__(self, student: TappedModel, objectives: Objectives, balancing: Balancing) -> None:
        super().__init__(student, objectives)
        method = grouped(balancing.method, objectives.groups, balancing.record)
        self.layer = LossWeights(method, len(objectives.names))
        self.means = weight_means(objectives.names)

    def total(
        self, values: Tensor, plain: Tensor | float, carried: Mapping[str, Tensor], batch: Tensor
    ) -> Tensor:
        total, weights = self.layer(values)
        for name, weight in zip(self.objectives.names, ops.unstack(weights), strict=True):
            # Means take what they are given for a replica's share of a sum.
            record(self.means, weight_name(name), weight / replica_count(), batch)
        return total + plain

    def callbacks(self) -> list[keras.callbacks.Callback]:
        return [_EndEpoch(self.layer)]


class _EndEpoch(keras.callbacks.Callback):
    """Tells a loss weighting that an epoch is over; before backups of the user see it."""

    def __init__(self, weights: LossWeights) -> None:
        super().__init__()
        self._weights = weights

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._weights.end_epoch(logs)
