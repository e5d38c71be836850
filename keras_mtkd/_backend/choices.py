"""Arguments that are one of a few words."""

from collections.abc import Iterable
from typing import Any


def check_choice(name: str, value: Any, allowed: Iterable[str]) -> None:
    """Refuse what is none of the words that an argument may be.

    Args:
        name: Name of the argument.
        value: What was given.
        allowed: The words.

    Raises:
        ValueError: If it is none of them.

    Examples:
        >>> check_choice("shape", "cosine", ("linear", "cosine"))
        >>> check_choice("shape", "round", ("linear", "cosine"))
        Traceback (most recent call last):
            ...
        ValueError: `shape` must be one of ('linear', 'cosine'). Received: shape='round'.
    """
    known = tuple(allowed)
    if value not in known:
        raise ValueError(f"`{name}` must be one of {known}. Received: {name}={value!r}.")
