"""Losses of groups of objectives: within each group first, then between the groups."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing import _groups
from keras_mtkd.balancing._base import State
from keras_mtkd.balancing._groups import Grouped
from keras_mtkd.balancing._registry import get
from keras_mtkd.balancing.loss_weighting.base import LossWeighting

_BETWEEN = "between"


@mtkd_export("keras_mtkd.balancing.TwoLevelWeighting")
class TwoLevelWeighting(Grouped, LossWeighting):
    """One objective a group by a method, then one of these objectives by the same method.

    Args:
        method: A `LossWeighting`, or the name or config of one.
        groups: Numbers of the objectives in each group; every objective is in one.

    Raises:
        TypeError: If the method is no loss weighting.
        ValueError: If groups are empty or overlap, or objectives are missing.

    Examples:
        >>> [round(float(w), 3) for w in TwoLevelWeighting("gls", [[0, 1], [2]]).weights([1, 4, 2])]
        [0.5, 0.125, 0.5]

    Source: reconstructed, for the losses and distances of MoKD.
    """

    reconstructed = True

    def __init__(self, method: Any, groups: Sequence[Sequence[int]]) -> None:
        method = get(method)
        if not isinstance(method, LossWeighting):
            raise TypeError(f"`method` must weigh losses. Received: {method!r}.")
        super().__init__(method, groups)

    @property
    def trainable(self) -> tuple[str, ...]:  # type: ignore[override]
        """The trainable entries of every group, and of what is between them."""
        numbers = range(len(self.groups) + 1)
        return tuple(f"{number}_{name}" for number in numbers for name in self.method.trainable)

    def initial_state(self, tasks: int) -> State:
        return {**super().initial_state(tasks), _BETWEEN: ops.ones((len(self.groups),), "float32")}

    def _advance(self, losses: Tensor, state: State) -> tuple[Tensor, State]:
        within, values = [], []
        new: State = {}
        for number, group in enumerate(self.groups):
            own = ops.take(losses, group)
            weights = self._step_of(number, own, state=state, new=new)
            within.append(weights)
            values.append(ops.sum(weights * own) + self._penalty_of(number, new))
        between = self._step_of(len(self.groups), ops.stack(values), state=state, new=new)
        weights = sum(
            ops.sum(
                (between[number] * within[number])[:, None]
                * ops.one_hot(group, losses.shape[0], dtype="float32"),
                axis=0,
            )
            for number, group in enumerate(self.groups)
        )
        return weights, {**new, _BETWEEN: between}

    def penalty(self, state: State) -> Tensor:
        *groups, between = (self._penalty_of(i, state) for i in range(len(self.groups) + 1))
        return between + ops.sum(state[_BETWEEN] * ops.stack(groups))

    def _penalty_of(self, number: int, state: State) -> Tensor:
        return self.method.penalty(_groups.of_group(number, state))

    def end_epoch(self, state: State, logs: Mapping[str, float] | None = None) -> State:
        new: State = {_BETWEEN: np.asarray(state[_BETWEEN])}
        for number in range(len(self.groups) + 1):
            own = self.method.end_epoch(_groups.of_group(number, state), logs)
            new.update(_groups.with_prefix(number, own))
        return new
