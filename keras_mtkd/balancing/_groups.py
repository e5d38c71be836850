"""Groups of objectives, each balanced by the same method."""

from collections.abc import Sequence

from keras_mtkd.balancing._method import Method, State


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


def initial_states(method: Method, groups: list[list[int]], tasks: int) -> State:
    """States of the method in each group, and then between them.

    Raises:
        ValueError: If the groups have another number of objectives.
    """
    sizes = [len(group) for group in groups]
    if sum(sizes) != tasks:
        raise ValueError(f"`groups` have {sum(sizes)} objectives. Received: {tasks}.")
    states: State = {}
    for number, size in enumerate([*sizes, len(sizes)]):
        states.update(with_prefix(number, method.initial_state(size)))
    return states


def of_group(number: int, state: State) -> State:
    """The state of one group, or of what is between them."""
    prefix = f"{number}_"
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def with_prefix(number: int, state: State) -> State:
    """A group's state as part of the whole."""
    return {f"{number}_{name}": value for name, value in state.items()}
