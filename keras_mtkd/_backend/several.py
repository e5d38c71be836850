"""One thing where several are meant."""

from collections.abc import Iterable
from typing import Any


def check_several(argument: str, given: Any, instead: str) -> None:
    """Refuse what cannot be gone through, such as one thing without its list.

    Args:
        argument: Name of the argument.
        given: What came.
        instead: What to pass.

    Raises:
        TypeError: If it is not iterable.

    Examples:
        >>> check_several("seeds", [0, 1], "`seeds=range(2)`")
        >>> check_several("seeds", 2, "`seeds=range(2)`")
        Traceback (most recent call last):
            ...
        TypeError: `seeds` must be several, such as a list. Received: seeds=2. Pass `seeds=...
    """
    if isinstance(given, Iterable):
        return
    simple = given is None or isinstance(given, bool | int | float)
    shown = f"{argument}={given!r}" if simple else f"one of type {type(given).__name__}"
    raise TypeError(
        f"`{argument}` must be several, such as a list. Received: {shown}. Pass {instead}."
    )
