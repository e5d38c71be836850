"""Names that a room no longer has, and what became of them."""

from collections.abc import Callable, Mapping
from typing import Any


def renamed(module: str, table: Mapping[str, str]) -> Callable[[str], Any]:
    """A module's `__getattr__` that tells what became of a name.

    Args:
        module: The module's name.
        table: `{old name: what to use now}`, a sentence each.

    Returns:
        A function of the name. It raises `AttributeError`, with the sentence for a name of the
        table and in Python's words for any other.

    Examples:
        >>> renamed("room", {"Chair": "Use `room.Seat`."})("Chair")
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
