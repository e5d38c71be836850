"""Names of rooms and of arguments that are no longer there, and what became of them."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def renamed_names(module: str, table: Mapping[str, str]) -> Callable[[str], Any]:
    """A module's `__getattr__` that tells what became of a name.

    Args:
        module: The module's name.
        table: `{old name: what to use now}`, a sentence each.

    Returns:
        A function of the name. It raises `AttributeError`, with the sentence for a name of the
        table and in Python's words for any other.

    Examples:
        >>> renamed_names("room", {"Chair": "Use `room.Seat`."})("Chair")
        Traceback (most recent call last):
        AttributeError: `room.Chair` is no longer there: Use `room.Seat`.
    """

    def missing(name: str) -> Any:
        if name in table:
            message = f"`{module}.{name}` is no longer there: {table[name]}"
        else:
            message = f"module '{module}' has no attribute '{name}'"
        raise AttributeError(message)

    return missing


def renamed_arguments(since: str, **names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Tell the new name of an argument to who gives it under the old one.

    Args:
        since: The version that brought the new name.
        **names: `old="new"`.

    Returns:
        A decorator; the function it gives raises a `TypeError` for an old name.

    Examples:
        >>> @renamed_arguments("0.2", part="split")
        ... def measure(split="test"):
        ...     return split
        >>> measure(part="validation")
        Traceback (most recent call last):
        TypeError: `part` is called `split` since 0.2: pass `split='validation'`.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            for old in names.keys() & kwargs.keys():
                raise TypeError(
                    f"`{old}` is called `{names[old]}` since {since}: "
                    f"pass `{names[old]}={kwargs[old]!r}`."
                )
            return function(*args, **kwargs)

        return checked

    return decorate
