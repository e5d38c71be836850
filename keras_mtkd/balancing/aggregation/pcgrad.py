"""Gradient surgery: what conflicts is projected away, pair by pair."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation._projection import orders, visit_pairs
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, State
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.linalg.seeds import check_seed
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.PCGrad")
@register("pcgrad")
class PCGrad(GramMethod):
    """The sum of the gradients, each freed of its conflicts with the others.

    Every task's gradient meets those of the other tasks one after the other; where the inner
    product is negative, it is projected on the plane at right angles to the one it meets. With
    more than two tasks the result depends on the order and may still conflict with a task.

    Args:
        seed: Every task meets the others in a random order, another one every step. `None`: in
            the order of the tasks.

    Raises:
        ValueError: If the seed is not from 0 to 2**32 - 1.

    Examples:
        >>> import numpy as np
        >>> [float(w) for w in PCGrad().weights(np.array([[1.0, -0.5], [-0.5, 1.0]]))]
        [1.5, 1.5]

    Source: Yu et al., "Gradient Surgery for Multi-Task Learning" (2020), algorithm 1, with random
    orders; the form with a Gram matrix is derived.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed = check_seed(seed)

    def initial_state(self, tasks: int) -> State:
        return {"step": ops.zeros((), "int32")}

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        inverse_squares = gramian.inverse(ops.diagonal(gram))

        def remove_conflict(_: Tensor, met: Tensor, products: Tensor) -> Tensor:
            return -ops.minimum(products, 0.0) * ops.take(inverse_squares, met)

        order = orders(gram.shape[0], self.seed, state["step"])
        combinations = visit_pairs(gram, order, remove_conflict)
        return ops.sum(combinations, axis=0), {"step": state["step"] + 1}

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}
