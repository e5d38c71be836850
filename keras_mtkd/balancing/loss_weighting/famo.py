"""Fast adaptive multitask optimisation: losses that fall at the same rate."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import adam, log_losses
from keras_mtkd.balancing.loss_weighting.base import LossWeighting, State
from keras_mtkd.balancing.registry import register

_LEAST = 1e-8


@mtkd_export("keras_mtkd.balancing.FAMO")
@register("famo")
class FAMO(LossWeighting):
    """`wᵢ = c zᵢ / Lᵢ` with `z` the softmax of logits and `c` such that the weights sum to 1.

    Logits are learned by Adam: with `dᵢ` how much `log Lᵢ` fell since the last step, they descend
    `⟨z, d⟩`, so that tasks which improve less than the others gain weight. The authors evaluate
    the same batch again after every step to see how losses changed; here they are compared with
    the last step's, on another batch, which costs nothing and adds the noise of batches. The
    authors also clip the shared gradient to length 1, for which optimisers have `clipnorm`.

    A missing task's logit stays, and is compared with the last loss there was. Losses must be
    positive.

    Args:
        learning_rate: Of the logits.
        decay: Of the logits towards 0, added to their gradient.

    Raises:
        ValueError: If `learning_rate` is not positive or `decay` negative.

    Examples:
        >>> import numpy as np
        >>> method, state = FAMO(), FAMO().initial_state(2)
        >>> for losses in ([1.0, 1.0], [0.5, 1.0], [0.25, 1.0]):
        ...     weights, state = method.step(np.array(losses), state)
        >>> [round(float(w), 4) for w in weights]
        [0.7835, 0.2165]

    Source: Liu et al., "FAMO: Fast Adaptive Multitask Optimization" (2023), and the authors' code,
    whose defaults these are.
    """

    def __init__(self, learning_rate: float = 0.025, decay: float = 0.01) -> None:
        if not learning_rate > 0:
            raise ValueError(
                f"`learning_rate` must be positive. Received: learning_rate={learning_rate}."
            )
        if decay < 0:
            raise ValueError(f"`decay` must be at least 0. Received: decay={decay}.")
        self.learning_rate, self.decay = float(learning_rate), float(decay)

    def initial_state(self, tasks: int) -> State:
        zeros = ops.zeros((tasks,), "float32")
        # 0 in `last` until there was a loss.
        return {"logits": zeros, "last": zeros, **adam.initial_moments(tasks)}

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        here = log_losses.present(losses)
        active = ops.logical_and(here, state["last"] > 0)
        change, moments = adam.change(
            self._gradient(losses, active, state), state, active, self.learning_rate
        )
        logits = state["logits"] + change
        last = ops.where(here, losses, state["last"])
        scores = logits - ops.log(losses + _LEAST)
        weights = ops.softmax(ops.where(here, scores, -1e9))
        return log_losses.masked(here, weights), {"logits": logits, "last": last, **moments}

    def _gradient(self, losses: Tensor, active: Tensor, state: State) -> Tensor:
        """Of `⟨z, d⟩` with respect to the logits, among tasks that can be compared."""
        before, now = (
            ops.log(ops.where(active, value, 1.0) + _LEAST) for value in (state["last"], losses)
        )
        fall, shares = before - now, ops.softmax(state["logits"])
        taking_part = log_losses.masked(active, shares)
        total = ops.maximum(ops.sum(taking_part), _LEAST)
        mean = ops.sum(taking_part * fall) / total
        return shares * (fall - mean) + self.decay * state["logits"]

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": self.learning_rate, "decay": self.decay}
