"""Weights that stay for an epoch and follow from the mean losses of the epochs before."""

from abc import abstractmethod
from collections.abc import Mapping

import numpy as np
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import log_losses
from keras_mtkd.balancing.loss_weighting.base import LossWeighting, State


class EpochWeighting(LossWeighting):
    """Sums the losses of every epoch, over the steps in which a task has one."""

    def initial_state(self, tasks: int) -> State:
        zeros = ops.zeros((tasks,), "float32")
        return {"weights": ops.ones((tasks,), "float32"), "sums": zeros, "counts": zeros}

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        here = log_losses.present(losses)
        added = {
            "sums": state["sums"] + log_losses.added(here, losses),
            "counts": state["counts"] + ops.cast(here, "float32"),
        }
        return state["weights"], {**state, **added}

    def end_epoch(self, state: State, logs: Mapping[str, float] | None = None) -> State:
        state = {name: np.asarray(value) for name, value in state.items()}
        seen = state["counts"] > 0
        means = np.where(seen, state["sums"].astype("float64") / np.maximum(state["counts"], 1), 0)
        zeros = np.zeros_like(state["sums"])
        changed = self._after_epoch(means, state, logs or {})
        new = {**state, **changed, "sums": zeros, "counts": zeros}
        return {name: np.asarray(new[name], state[name].dtype) for name in state}

    @abstractmethod
    def _after_epoch(self, means: np.ndarray, state: State, logs: Mapping[str, float]) -> State:
        """The entries that change after an epoch, in NumPy.

        Args:
            means: Mean losses of the epoch, `(tasks,)`; 0 for tasks that had none.
            state: The state at the end of the epoch.
            logs: What training logged for the epoch.
        """


def ratios(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Ratios of positive numbers, cut where single precision would overflow."""
    return np.minimum(values / others, log_losses.LARGEST)
