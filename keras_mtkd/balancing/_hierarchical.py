"""Objectives in groups: a method balances each group, and then the groups by the same method.

Made by `Balancing(objectives="hierarchical")`, for the losses and distances of MoKD; reconstructed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_saved, saved_before_as
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, get_gram_method
from keras_mtkd.balancing.base import Method, State, as_part, of_part
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.loss_weighting.base import LossWeighting
from keras_mtkd.balancing.registry import get

_BETWEEN = "between"


class Grouped(Method):
    """One method within groups of objectives, and between the groups.

    What it remembers is the method's state in each group, and then between them, under names that
    begin with the number of the group.

    Args:
        method: A `GramMethod` or `LossWeighting`, as the class says, or the name or config of one.
        groups: Numbers of the objectives in each group; every objective is in one.

    Raises:
        TypeError: If the method is none of these.
        ValueError: If groups are empty or overlap, or objectives are missing.
    """

    reconstructed = True

    def __init__(self, method: Any, groups: Sequence[Sequence[int]]) -> None:
        self.method = method
        self.groups = _checked(groups)

    def initial_state(self, tasks: int) -> State:
        """States of the method in each group, and then between them.

        Raises:
            ValueError: If the groups have another number of objectives.
        """
        sizes = [len(group) for group in self.groups]
        if sum(sizes) != tasks:
            raise ValueError(f"`groups` have {sum(sizes)} objectives. Received: {tasks}.")
        states: State = {}
        for number, size in enumerate([*sizes, len(sizes)]):
            states.update(as_part(number, self.method.initial_state(size)))
        return states

    def _step_of(self, number: int, *given: Tensor | None, state: State, new: State) -> Tensor:
        """The method's weights in one group, or between them; its state goes into `new`."""
        weights, own = self.method.step(*given, of_part(number, state))
        new.update(as_part(number, own))
        return weights

    def get_config(self) -> dict[str, Any]:
        return {
            "method": keras.saving.serialize_keras_object(self.method),
            "groups": self.groups,
        }


@mtkd_saved
@saved_before_as("TwoLevel")
class Hierarchical(Grouped, GramMethod):
    """One update a group by a method, then one of these updates by the same method.

    Args:
        method: A `GramMethod`, or the name or config of one.
        groups: As in `Grouped`.

    Examples:
        >>> weights = Hierarchical("edm", [[0, 1], [2]]).weights(np.diag([1.0, 1.0, 4.0]))
        >>> [round(float(w), 3) for w in weights]
        [0.369, 0.369, 0.261]
    """

    def __init__(self, method: Any, groups: Sequence[Sequence[int]]) -> None:
        super().__init__(get_gram_method(method), groups)

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        mixtures, sums = [], []
        new: State = {}
        for number, group in enumerate(self.groups):
            own = ops.take(ops.take(gram, group, axis=0), group, axis=1)
            own_losses = None if losses is None else ops.take(losses, group)
            weights = self._step_of(number, own, own_losses, state=state, new=new)
            mixtures.append(_at_places(weights, group, gram.shape[0]))
            sums.append(None if own_losses is None else ops.sum(own_losses))
        products = ops.stack([gramian.times(gram, mixture) for mixture in mixtures])
        between = ops.stack([gramian.dot(mixture, products) for mixture in mixtures])
        group_losses = None if losses is None else ops.stack(sums)
        count = len(self.groups)
        weights = self._step_of(count, between, group_losses, state=state, new=new)
        return ops.sum(weights[:, None] * ops.stack(mixtures), axis=0), new


@mtkd_saved
@saved_before_as("TwoLevelWeighting")
class HierarchicalWeighting(Grouped, LossWeighting):
    """One objective a group by a method, then one of these objectives by the same method.

    Args:
        method: A `LossWeighting`, or the name or config of one.
        groups: As in `Grouped`.

    Examples:
        >>> method = HierarchicalWeighting("gls", [[0, 1], [2]])
        >>> [round(float(w), 3) for w in method.weights([1, 4, 2])]
        [0.5, 0.125, 0.5]
    """

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
            within.append(_at_places(weights, group, losses.shape[0]))
            values.append(ops.sum(weights * own) + self._penalty_of(number, new))
        between = self._step_of(len(self.groups), ops.stack(values), state=state, new=new)
        weights = ops.sum(between[:, None] * ops.stack(within), axis=0)
        return weights, {**new, _BETWEEN: between}

    def penalty(self, state: State) -> Tensor:
        *groups, between = (self._penalty_of(i, state) for i in range(len(self.groups) + 1))
        return between + ops.sum(state[_BETWEEN] * ops.stack(groups))

    def _penalty_of(self, number: int, state: State) -> Tensor:
        return self.method.penalty(of_part(number, state))

    def end_epoch(self, state: State, logs: Mapping[str, float] | None = None) -> State:
        new: State = {_BETWEEN: np.asarray(state[_BETWEEN])}
        for number in range(len(self.groups) + 1):
            own = self.method.end_epoch(of_part(number, state), logs)
            new.update(as_part(number, own))
        return new


def _checked(groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """The groups, if every objective is in one."""
    made = [list(group) for group in groups]
    numbers = sorted(number for group in made for number in group)
    if numbers != list(range(len(numbers))) or not all(made) or not made:
        raise ValueError(
            "`groups` must name every objective once, counted from 0, and no group may be "
            f"empty. Received: groups={made}."
        )
    return made


def _at_places(weights: Tensor, group: Sequence[int], count: int) -> Tensor:
    """Weights of a group's objectives among those of all, 0 for the others."""
    places = ops.one_hot(group, count, dtype="float32")
    return ops.sum(weights[:, None] * places, axis=0)
