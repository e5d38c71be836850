"""Dynamic task prioritisation: more weight for tasks that perform badly."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.balancing.loss_weighting.base import State
from keras_mtkd.balancing.loss_weighting.epoch_weighting import EpochWeighting
from keras_mtkd.balancing.registry import register

# Of an indicator: a weight is at most -log(1e-3), about 7.
_LEAST = 1e-3


@mtkd_export("keras_mtkd.balancing.DynamicTaskPrioritization")
@register("dynamic_task_prioritization")
class DynamicTaskPrioritization(EpochWeighting):
    """`wᵢ = -(1 - κᵢ)^gamma · log κᵢ`, with `κᵢ` the moving average of the task's indicator.

    Indicators are between 0 and 1, where 1 is best; values outside count as 0.001 and 1. All
    weights are 1 in the first epoch. A task that performs perfectly weighs 0. Weights have no
    fixed sum.

    Args:
        kpi: For every task, in the order of the tasks, the name of the logged value that is its
            indicator, as `"val_left_accuracy"`, or `None` for `exp(-mean loss of the epoch)`.
            `None` for the latter everywhere.
        gamma: How much tasks that perform badly come before others.
        alpha: Share of the last epoch in the moving average, which starts at the first epoch's.

    Raises:
        ValueError: If a number is out of its range, an indicator is not logged, or there are not
            as many as losses.

    Examples:
        >>> method = DynamicTaskPrioritization(kpi=["val_a_accuracy", "val_b_accuracy"])
        >>> logs = {"val_a_accuracy": 0.9, "val_b_accuracy": 0.5}
        >>> state = method.end_epoch(method.initial_state(2), logs)
        >>> [round(float(w), 4) for w in state["weights"]]
        [0.0105, 0.3466]

    Source: Guo et al., "Dynamic Task Prioritization for Multitask Learning" (2018): the weight and
    that indicators are averaged. The defaults and the indicator from the loss are ours.
    """

    def __init__(
        self,
        kpi: Sequence[str | None] | None = None,
        gamma: float = 1.0,
        alpha: float = 0.5,
    ) -> None:
        if isinstance(kpi, str):
            raise ValueError(
                f"`kpi` must be a list with one name for every task. Received: kpi={kpi!r}."
            )
        if gamma < 0:
            raise ValueError(f"`gamma` must be at least 0. Received: gamma={gamma}.")
        if not 0 < alpha <= 1:
            raise ValueError(f"`alpha` must be above 0 and at most 1. Received: alpha={alpha}.")
        self.kpi = None if kpi is None else tuple(kpi)
        self.gamma, self.alpha = float(gamma), float(alpha)

    def initial_state(self, tasks: int) -> State:
        if self.kpi is not None and len(self.kpi) != tasks:
            raise ValueError(
                f"`kpi` must be one name or None for every task, of which there are {tasks}. "
                f"Received: kpi={list(self.kpi)}."
            )
        # 0 until an indicator is known.
        return {**super().initial_state(tasks), "indicators": ops.zeros((tasks,), "float32")}

    def _after_epoch(self, means: np.ndarray, state: State, logs: Mapping[str, float]) -> State:
        now, before = self._indicators(means, logs), state["indicators"]
        averaged = self.alpha * now + (1.0 - self.alpha) * before
        indicators = np.where(now > 0, np.where(before > 0, averaged, now), before)
        kappa = np.where(indicators > 0, indicators, 1)
        weights = -((1.0 - kappa) ** self.gamma) * np.log(kappa)
        return {
            "weights": np.where(indicators > 0, np.abs(weights), 1.0),
            "indicators": indicators,
        }

    def _indicators(self, means: np.ndarray, logs: Mapping[str, float]) -> np.ndarray:
        """Of this epoch, from `_LEAST` to 1; 0 where there is none."""
        from_losses = np.where(means > 0, np.clip(np.exp(-means), _LEAST, 1), 0)
        names = self.kpi or (None,) * len(means)
        pairs = zip(names, from_losses, strict=True)
        return np.array([loss if name is None else _logged(name, logs) for name, loss in pairs])

    def get_config(self) -> dict[str, Any]:
        kpi = None if self.kpi is None else list(self.kpi)
        return {"kpi": kpi, "gamma": self.gamma, "alpha": self.alpha}


def _logged(name: str, logs: Mapping[str, float]) -> float:
    if name not in logs:
        raise ValueError(
            f"`kpi` must name values that training logs: {sorted(logs)}. Received: {name!r}. Names "
            "that start with `val_` need `validation_data` in `fit`."
        )
    value = float(logs[name])
    return float(np.clip(value, _LEAST, 1)) if np.isfinite(value) else 0.0
