"""Gradient vaccine: gradients are turned until they are as alike as they usually are."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation._projection import orders, visit_pairs
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, State
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.linalg.seeds import check_seed
from keras_mtkd.balancing.registry import register

# A target of 1 would ask for a multiple without end.
_HIGHEST = 1.0 - 1e-6


@mtkd_export("keras_mtkd.balancing.GradVac")
@register("gradvac")
class GradVac(GramMethod):
    """The sum of the gradients, each turned towards the others up to their usual cosines.

    As in `PCGrad` every gradient meets the others one after the other. Where their cosine `φ` is
    below its moving average `ρ`, so much of the other is added that it becomes `ρ`; then `ρ`
    becomes `(1 - beta) ρ + beta φ`. Averages start at 0, so that the first step is PCGrad's.

    Args:
        beta: Share of the newest cosine in its average, `0 < beta <= 1`.
        seed: As in `PCGrad`.

    Raises:
        ValueError: If `beta` or the seed is not one.

    Examples:
        >>> import numpy as np
        >>> [float(w) for w in GradVac().weights(np.array([[1.0, -0.5], [-0.5, 1.0]]))]
        [1.5, 1.5]

    Source: Wang et al., "Gradient Vaccine: Investigating and Improving Multi-task Optimization in
    Massively Multilingual Models" (2021), read in LibMTL and TorchJD. LibMTL moves the average
    only where a gradient was turned; this class does so at every meeting.
    """

    def __init__(self, beta: float = 0.01, seed: int | None = None) -> None:
        if not 0 < beta <= 1:
            raise ValueError(f"`beta` must be above 0 and at most 1. Received: beta={beta}.")
        self.beta, self.seed = float(beta), check_seed(seed)

    def initial_state(self, tasks: int) -> State:
        return {"step": ops.zeros((), "int32"), "cosines": ops.zeros((tasks, tasks), "float32")}

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        tasks, lengths = gram.shape[0], gramian.norms(gram)
        usual = state["cosines"]

        def turn(combinations: Tensor, met: Tensor, products: Tensor) -> Tensor:
            nonlocal usual
            own, other = gramian.length(gram, combinations), ops.take(lengths, met)
            cosine = ops.clip(products * gramian.inverse(own) * gramian.inverse(other), -1.0, 1.0)
            place = ops.one_hot(met, tasks, dtype="float32")
            target = ops.minimum(gramian.dot(usual, place), _HIGHEST)
            usual = usual + self.beta * place * (cosine - gramian.dot(usual, place))[:, None]
            missing = target * _sine(cosine) - cosine * _sine(target)
            added = own * missing * gramian.inverse(other) / _sine(target)
            return ops.where(cosine < target, added, 0.0)

        combinations = visit_pairs(gram, orders(tasks, self.seed, state["step"]), turn)
        usual = usual * (1.0 - ops.eye(tasks, dtype="float32"))
        return ops.sum(combinations, axis=0), {"step": state["step"] + 1, "cosines": usual}

    def get_config(self) -> dict[str, Any]:
        return {"beta": self.beta, "seed": self.seed}


def _sine(cosine: Tensor) -> Tensor:
    return ops.sqrt(ops.maximum(1.0 - ops.square(cosine), 0.0))
