"""Smooth Tchebycheff scalarisation: a soft maximum of the losses."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import log_losses
from keras_mtkd.balancing.loss_weighting.base import LossWeighting, State
from keras_mtkd.balancing.registry import register

_NEVER = -1e9


@mtkd_export("keras_mtkd.balancing.STCH")
@register("stch")
class STCH(LossWeighting):
    """The gradient of `tasks · mu · log Σ exp(log(Lᵢ / zᵢ) / mu)`, with nadir losses `zᵢ`.

    `wᵢ = tasks · pᵢ / Lᵢ` with `p = softmax(log(L / z) / mu)`. Before, for `warmup_epochs + 1`
    epochs, `wᵢ = 1 / Lᵢ`, the gradient of `Σ log Lᵢ`; the last of these epochs gives the nadir,
    its mean losses. A task without losses in it gets its nadir from the first later epoch in which
    it has some, and until then counts as at its nadir. Losses must be positive.

    Args:
        mu: How soft the maximum is: near 0 only the worst task counts.
        warmup_epochs: Epochs before the one that gives the nadir.

    Raises:
        ValueError: If `mu` is not positive or `warmup_epochs` negative.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in STCH().weights(np.array([0.25, 4.0]))]
        [4.0, 0.25]

    Source: Lin et al., "Smooth Tchebycheff Scalarization for Multi-Objective Optimization" (2024),
    and the authors' code for multi-task learning, whose defaults these are.
    """

    def __init__(self, mu: float = 1.0, warmup_epochs: int = 4) -> None:
        if not mu > 0:
            raise ValueError(f"`mu` must be positive. Received: mu={mu}.")
        if warmup_epochs < 0:
            raise ValueError(
                f"`warmup_epochs` must be at least 0. Received: warmup_epochs={warmup_epochs}."
            )
        self.mu, self.warmup_epochs = float(mu), int(warmup_epochs)

    def initial_state(self, tasks: int) -> State:
        zeros = ops.zeros((tasks,), "float32")
        # 0 in `nadir` until it is known.
        return {"epoch": ops.zeros((), "int32"), "sums": zeros, "counts": zeros, "nadir": zeros}

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        here, logs = log_losses.present(losses), log_losses.logs(losses)
        worst = math.log(losses.shape[0]) + self._log_shares(losses, state["nadir"])
        warm = state["epoch"] <= self.warmup_epochs
        weights = log_losses.masked(here, log_losses.exp(ops.where(warm, 0.0, worst) - logs))
        unknown = ops.logical_and(state["epoch"] >= self.warmup_epochs, state["nadir"] == 0)
        counted = ops.logical_and(unknown, here)
        sums = state["sums"] + log_losses.added(counted, losses)
        counts = state["counts"] + ops.cast(counted, "float32")
        return weights, {**state, "sums": sums, "counts": counts}

    def _log_shares(self, losses: Tensor, nadir: Tensor) -> Tensor:
        known = nadir > 0
        ratios = log_losses.logs(losses) - ops.log(ops.where(known, nadir, 1.0))
        scores = log_losses.masked(known, ratios) / self.mu
        return ops.log_softmax(ops.where(log_losses.present(losses), scores, _NEVER))

    def end_epoch(self, state: State, logs: Mapping[str, float] | None = None) -> State:
        found = (state["nadir"] == 0) & (state["counts"] > 0)
        means = state["sums"] / np.maximum(state["counts"], 1)
        nadir = np.where(found, means, state["nadir"])
        new = {**state, "epoch": state["epoch"] + 1, "nadir": nadir}
        return {name: np.asarray(new[name], np.asarray(state[name]).dtype) for name in state}

    def get_config(self) -> dict[str, Any]:
        return {"mu": self.mu, "warmup_epochs": self.warmup_epochs}
