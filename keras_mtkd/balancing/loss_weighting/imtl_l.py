"""Impartial multi-task learning, the losses' part: weights that make all losses alike."""

from typing import ClassVar

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import log_losses
from keras_mtkd.balancing.loss_weighting.base import LossWeighting, State
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.IMTLL")
@register("imtl_l")
class IMTLL(LossWeighting):
    """The objective is `Σ exp(sᵢ) Lᵢ - sᵢ`, with learned `sᵢ` that start at 0.

    At a given loss the best `sᵢ` is `-log Lᵢ`, which makes every weighted loss 1. `IMTLG` is the
    gradients' part of the same method.

    Examples:
        >>> import numpy as np
        >>> [float(w) for w in IMTLL().weights(np.array([0.3, 2.0]))]
        [1.0, 1.0]

    Source: Liu et al., "Towards Impartial Multi-task Learning" (2021).
    """

    trainable: ClassVar[tuple[str, ...]] = ("log_scales",)

    def initial_state(self, tasks: int) -> State:
        return {
            "log_scales": ops.zeros((tasks,), "float32"),
            "present": ops.ones((tasks,), "float32"),
        }

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        here = ops.cast(log_losses.present(losses), "float32")
        return log_losses.exp(state["log_scales"]), {
            "log_scales": state["log_scales"],
            "present": here,
        }

    def penalty(self, state: State) -> Tensor:
        # Without its loss, a task's scale would only grow.
        return -ops.sum(state["present"] * state["log_scales"])
