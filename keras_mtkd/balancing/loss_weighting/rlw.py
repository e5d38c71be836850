"""Random loss weighting: other weights at every step."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg.seeds import SeedOfStep, check_seed
from keras_mtkd.balancing.loss_weighting.base import LossWeighting, State
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.RLW")
@register("rlw")
class RLW(LossWeighting):
    """The softmax of a standard normal draw for every task: positive weights that sum to 1.

    Draws depend on the seed and the step only, so that a resumed training repeats them. On
    TensorFlow they are others with XLA than without.

    Args:
        seed: Another seed, other draws.

    Raises:
        ValueError: If the seed is not from 0 to 2**32 - 1.

    Examples:
        >>> import numpy as np
        >>> round(float(sum(RLW().weights(np.ones(3)))), 4)
        1.0

    Source: Lin, Ye, Zhang and Tsang, "Reasonable Effectiveness of Random Weighting: A Litmus Test
    for Multi-Task Learning" (2022). A sum of 1 as in LibMTL, by the same authors: the objective is
    a mean of the losses where that of equal weights is their sum.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = check_seed(seed) or 0

    def initial_state(self, tasks: int) -> State:
        return {"step": ops.zeros((), "int32")}

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        drawn = keras.random.normal(losses.shape, seed=SeedOfStep(self.seed, state["step"]))
        return ops.softmax(drawn), {"step": state["step"] + 1}

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}
