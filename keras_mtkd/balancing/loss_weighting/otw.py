"""Online task weighting: more weight for tasks that lag behind their own single-task network."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.balancing.loss_weighting.base import State
from keras_mtkd.balancing.loss_weighting.epoch_weighting import EpochWeighting, ratios
from keras_mtkd.balancing.loss_weighting.online_task_weights import check_options, otw_weights
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.OnlineTaskWeighting")
@register("otw", example="OnlineTaskWeighting(reference=[0.4, 1.2])")
class OnlineTaskWeighting(EpochWeighting):
    """`w = tasks · softmax(r / temperature)`, with `rᵢ` the epoch's mean loss over a reference.

    All weights are 1 in the first epoch. A task that had no loss in an epoch keeps its ratio; one
    that never had any gets the mean ratio of the others. Online, where the single-task networks
    train along, whoever trains them puts their losses into the state's `"reference"`.

    Args:
        reference: Losses of the single-task models, in the order of the tasks.
        temperature: The lower, the more of all weight goes to the tasks that lag most.
        clip: Largest ratio that counts: tasks beyond it are weighted alike. `None` for no limit.

    Raises:
        ValueError: If a number is not positive, or there are not as many references as losses.

    Examples:
        >>> import numpy as np
        >>> method = OnlineTaskWeighting(reference=[0.5, 1.0, 2.0])
        >>> _, state = method.step(np.array([0.4, 1.0, 2.6]), method.initial_state(3))
        >>> [round(float(w), 2) for w in method.end_epoch(state)["weights"]]
        [0.02, 0.14, 2.84]

    Source: Jacob, Agarwal and Stenger, "Online Knowledge Distillation for Multi-Task Learning"
    (2023): the formula. The released code clips `exp(r / T)` at 10, which at its temperature is
    `clip=0.23` here and makes nearly all weights 1.
    """

    def __init__(
        self, reference: Sequence[float], temperature: float = 0.1, clip: float | None = None
    ) -> None:
        self.reference = tuple(float(value) for value in reference)
        if not self.reference or not all(0 < value < math.inf for value in self.reference):
            raise ValueError(
                "`reference` must be one positive loss for every task, that of its single-task "
                f"model. Received: reference={list(self.reference)}."
            )
        check_options(temperature, clip)
        self.temperature, self.clip = float(temperature), clip

    def initial_state(self, tasks: int) -> State:
        if len(self.reference) != tasks:
            raise ValueError(
                f"`reference` must be one loss for every task, of which there are {tasks}. "
                f"Received: reference={list(self.reference)}."
            )
        reference = ops.convert_to_tensor(self.reference, "float32")
        ratios = ops.zeros((tasks,), "float32")
        return {**super().initial_state(tasks), "reference": reference, "ratios": ratios}

    def _after_epoch(self, means: np.ndarray, state: State, logs: Mapping[str, float]) -> State:
        lags = np.where(means > 0, ratios(means, state["reference"]), state["ratios"])
        if not lags.any():
            return {}
        complete = np.where(lags > 0, lags, lags[lags > 0].mean())
        weights = ops.convert_to_numpy(otw_weights(complete, self.temperature, self.clip))
        return {"weights": weights, "ratios": lags}

    def get_config(self) -> dict[str, Any]:
        return {
            "reference": list(self.reference),
            "temperature": self.temperature,
            "clip": self.clip,
        }
