"""Groups of objectives, each balanced by the same method."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing._base import Method, State


def checked_groups(groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """The groups, if every objective is in one.

    Raises:
        ValueError: If groups are empty or overlap, or objectives are missing.
    """
    made = [list(group) for group in groups]
    numbers = sorted(number for group in made for number in group)
    if numbers != list(range(len(numbers))) or not all(made) or not made:
        raise ValueError(
            "`groups` must name every objective once, counted from 0, and no group may be "
            f"empty. Received: groups={made}."
        )
    return made


def of_group(number: int, state: State) -> State:
    """The state of one group, or of what is between them."""
    prefix = f"{number}_"
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def with_prefix(number: int, state: State) -> State:
    """A group's state as part of the whole."""
    return {f"{number}_{name}": value for name, value in state.items()}


class Grouped(Method):
    """One method within groups of objectives, and between the groups.

    Args:
        method: The method.
        groups: Numbers of the objectives in each group; every objective is in one.

    Raises:
        ValueError: If groups are empty or overlap, or objectives are missing.
    """

    def __init__(self, method: Any, groups: Sequence[Sequence[int]]) -> None:
        self.method = method
        self.groups = checked_groups(groups)

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
            states.update(with_prefix(number, self.method.initial_state(size)))
        return states

    def _step_of(self, number: int, *given: Tensor | None, state: State, new: State) -> Tensor:
        """The method's weights in one group, or between them; its state goes into `new`."""
        weights, own = self.method.step(*given, of_group(number, state))
        new.update(with_prefix(number, own))
        return weights

    def get_config(self) -> dict[str, Any]:
        return {
            "method": keras.saving.serialize_keras_object(self.method),
            "groups": self.groups,
        }
