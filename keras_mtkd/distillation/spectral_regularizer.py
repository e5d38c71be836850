"""Regularisers of features."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor


@mtkd_export("keras_mtkd.SpectralRegularizer")
class SpectralRegularizer(keras.regularizers.Regularizer):
    """Penalty on the energy of a batch of features outside its leading directions.

    With `Z`, the features of a batch as rows, and its singular values `s_1 >= s_2 >= ...`, the
    penalty is `factor * sum_{i > rank} s_i^2 / batch`. Give it to a layer as
    `activity_regularizer`: it acts like distillation through an inverted projector of that rank,
    without a teacher. The gradient is exact, and does not go through the decomposition: the
    leading directions are those that make the penalty smallest (envelope theorem).

    Args:
        rank: Directions that are free, at least 1.
        factor: Weight, not negative.

    Raises:
        ValueError: If `rank` is below 1 or `factor` negative.

    Source: Auty, Miles, Kolbeinsson and Mikolajczyk, "Learning to Project for Cross-Task
    Knowledge Distillation" (2024), for the idea; its form could not be read: reconstructed.
    """

    def __init__(self, rank: int, factor: float = 1e-3) -> None:
        if rank < 1:
            raise ValueError(f"`rank` must be at least 1. Received: rank={rank}.")
        if factor < 0:
            raise ValueError(f"`factor` must not be negative. Received: factor={factor}.")
        self.rank, self.factor = int(rank), float(factor)

    def __call__(self, x: Tensor) -> Tensor:
        features = ops.cast(ops.reshape(x, (ops.shape(x)[0], -1)), "float32")
        fixed = ops.stop_gradient(features)
        _, vectors = ops.linalg.eigh(ops.matmul(ops.transpose(fixed), fixed))
        leading = ops.stop_gradient(vectors[:, -self.rank :])
        kept = ops.sum(ops.square(ops.matmul(features, leading)))
        count = ops.cast(ops.shape(features)[0], "float32")
        return self.factor * (ops.sum(ops.square(features)) - kept) / count

    def get_config(self) -> dict[str, Any]:
        return {"rank": self.rank, "factor": self.factor}
