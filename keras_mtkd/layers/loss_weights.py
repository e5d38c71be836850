"""A layer that weighs the objectives of a model by their values."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_saved
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.loss_weighting.base import LossWeighting
from keras_mtkd.balancing.registry import get
from keras_mtkd.distribution.replicas import replica_count, sum_over_replicas
from keras_mtkd.layers.method_memory import MethodMemory


@mtkd_saved
class LossWeights(MethodMemory):
    """Holds what a loss weighting remembers, and what of it is trained.

    Args:
        method: A `keras_mtkd.balancing.LossWeighting`, or the name or config of one.
        objectives: Number of objectives.
        name: Name of the layer.

    Call arguments:
        values: The objectives' values, `(objectives,)`; on one of several replicas its share.

    Returns `(total, weights)`: the weighted sum, which the method may add to, and the weights
    `(objectives,)`.

    Raises:
        ValueError: If there is no objective.
        TypeError: If the method is no loss weighting.

    Source: the form is this package's own.
    """

    method: LossWeighting

    def __init__(self, method: Any, objectives: int, name: str | None = "loss_weights") -> None:
        method = get(method)
        if not isinstance(method, LossWeighting):
            raise TypeError(
                f"`method` must weigh losses, that is be a `LossWeighting`. Received: {method!r}."
            )
        super().__init__(method, objectives, method.trainable, name)

    def call(self, values: Tensor) -> tuple[Tensor, Tensor]:
        everywhere = sum_over_replicas(ops.stop_gradient(values))
        weights, state = self.method.step(everywhere, self.state())
        self.remember(state)
        total = ops.sum(weights * values) + self.method.penalty(state) / replica_count()
        return total, ops.stop_gradient(weights)

    def end_epoch(self, logs: Mapping[str, float] | None = None) -> None:
        """Tell the method that an epoch is over.

        Args:
            logs: The epoch's logs.
        """
        old = {key: np.asarray(value).copy() for key, value in self.state().items()}
        self.remember(self.method.end_epoch(old, logs))
