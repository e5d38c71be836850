"""Dynamic weight average: more weight for losses that fall slowly."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.balancing.loss_weighting.base import State
from keras_mtkd.balancing.loss_weighting.epoch_weighting import EpochWeighting, ratios
from keras_mtkd.balancing.loss_weighting.online_task_weights import check_options, otw_weights
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.DWA")
@register("dwa")
class DWA(EpochWeighting):
    """`w = tasks · softmax(r / temperature)`, `rᵢ` the ratio of the last two epochs' mean losses.

    All weights are 1 in the first two epochs. A task that had no loss in one of the two epochs
    has the ratio 1.

    Args:
        temperature: The higher, the more alike the weights.

    Raises:
        ValueError: If `temperature` is not positive.

    Examples:
        >>> import numpy as np
        >>> method, state = DWA(), DWA().initial_state(2)
        >>> for losses in ([1.0, 1.0], [0.5, 1.0]):
        ...     state = method.end_epoch(method.step(np.array(losses), state)[1])
        >>> [round(float(w), 4) for w in state["weights"]]
        [0.8756, 1.1244]

    Source: Liu, Johns and Davison, "End-to-End Multi-Task Learning with Attention" (2019).
    """

    def __init__(self, temperature: float = 2.0) -> None:
        check_options(temperature)
        self.temperature = float(temperature)

    def initial_state(self, tasks: int) -> State:
        return {**super().initial_state(tasks), "last": ops.zeros((tasks,), "float32")}

    def _after_epoch(self, means: np.ndarray, state: State, logs: Mapping[str, float]) -> State:
        last = state["last"]
        known = (means > 0) & (last > 0)
        speeds = np.where(known, ratios(means, np.where(known, last, 1)), 1)
        # The formula of online task weighting, with a ratio of another kind.
        weights = ops.convert_to_numpy(otw_weights(speeds, self.temperature))
        return {"weights": weights, "last": means}

    def get_config(self) -> dict[str, Any]:
        return {"temperature": self.temperature}
