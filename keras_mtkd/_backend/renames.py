"""Arguments that had another name once."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def renamed(since: str, **names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Tell the new name of an argument to who gives it under the old one.

    Args:
        since: The version that brought the new name.
        **names: `old="new"`.

    Returns:
        A decorator; the function it gives raises a `TypeError` for an old name.

    Examples:
        >>> @renamed("0.2", part="split")
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
