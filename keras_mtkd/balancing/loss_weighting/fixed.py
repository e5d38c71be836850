"""Weights that somebody chose."""

import math
from collections.abc import Sequence
from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.loss_weighting.base import LossWeighting, State
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.FixedWeights")
@register("fixed", example="FixedWeights(values=[1.0, 0.5])")
class FixedWeights(LossWeighting):
    """The given weights, at every step.

    Args:
        values: A weight for every task, in the order of the tasks.

    Raises:
        ValueError: If a weight is negative or not finite, or there are not as many as losses.

    Examples:
        >>> import numpy as np
        >>> [float(w) for w in FixedWeights([1.0, 0.5]).weights(np.array([0.3, 2.0]))]
        [1.0, 0.5]

    Source: none; with tuned values, the baseline that many methods do not beat.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.values = tuple(float(value) for value in values)
        if not self.values or not all(0 <= value < math.inf for value in self.values):
            raise ValueError(
                "`values` must be one finite number >= 0 for every task. "
                f"Received: values={list(self.values)}."
            )

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        if len(self.values) != losses.shape[0]:
            raise ValueError(
                f"`values` must be one number for every task, of which there are "
                f"{losses.shape[0]}. Received: values={list(self.values)}."
            )
        return ops.convert_to_tensor(self.values, "float32"), state

    def get_config(self) -> dict[str, Any]:
        return {"values": list(self.values)}
