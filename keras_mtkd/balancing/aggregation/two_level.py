"""Gradients of groups of objectives: within each group first, then between the groups."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing._groups import Grouped
from keras_mtkd.balancing._linalg import gramian
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, State, get_gram_method


@mtkd_export("keras_mtkd.balancing.TwoLevel")
class TwoLevel(Grouped, GramMethod):
    """One update a group by a method, then one of these updates by the same method.

    Args:
        method: A `GramMethod`, or the name or config of one.
        groups: Numbers of the objectives in each group; every objective is in one.

    Raises:
        TypeError: If the method is none of gradients.
        ValueError: If groups are empty or overlap, or objectives are missing.

    Examples:
        >>> import numpy as np
        >>> weights = TwoLevel("edm", [[0, 1], [2]]).weights(np.diag([1.0, 1.0, 4.0]))
        >>> [round(float(w), 3) for w in weights]
        [0.369, 0.369, 0.261]

    Source: reconstructed, for the losses and distances of MoKD.
    """

    reconstructed = True

    def __init__(self, method: Any, groups: Sequence[Sequence[int]]) -> None:
        super().__init__(get_gram_method(method), groups)

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        mixtures, sums = [], []
        new: State = {}
        for number, group in enumerate(self.groups):
            own = ops.take(ops.take(gram, group, axis=0), group, axis=1)
            own_losses = None if losses is None else ops.take(losses, group)
            weights = self._step_of(number, own, own_losses, state=state, new=new)
            places = ops.one_hot(group, gram.shape[0], dtype="float32")
            mixtures.append(ops.sum(weights[:, None] * places, axis=0))
            sums.append(None if own_losses is None else ops.sum(own_losses))
        products = ops.stack([gramian.times(gram, mixture) for mixture in mixtures])
        between = ops.stack([gramian.dot(mixture, products) for mixture in mixtures])
        group_losses = None if losses is None else ops.stack(sums)
        count = len(self.groups)
        weights = self._step_of(count, between, group_losses, state=state, new=new)
        return ops.sum(weights[:, None] * ops.stack(mixtures), axis=0), new
