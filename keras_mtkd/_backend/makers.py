"""Functions that users give: whether they can be called as they will be."""

import inspect
from collections.abc import Sequence
from typing import Any

import keras


def check_maker(argument: str, given: Any, example: str) -> None:
    """Refuse what is no function that makes a new layer or model; `None` is left to who needs one.

    Args:
        argument: What it is given as, for the message.
        given: What came.
        example: What to write instead.

    Raises:
        TypeError: If it is a layer or a model itself, or cannot be called without arguments.

    Examples:
        >>> check_maker("`head`", lambda: keras.layers.Dense(1), "...")
        >>> check_maker("`head`", keras.layers.Dense, "lambda: keras.layers.Dense(6)")
        Traceback (most recent call last):
            ...
        TypeError: `head` must be a function ... Received: `Dense`: missing a required argument: ...
    """
    if isinstance(given, keras.Model):
        why: str | None = f"the model '{given.name}' itself"
    elif isinstance(given, keras.layers.Layer):
        why = f"a layer itself, {type(given).__name__} '{given.name}'"
    else:
        why = None if given is None else misfit(given, ())
    if why is not None:
        raise TypeError(
            f"{argument} must be a function without arguments that makes a new one at every call, "
            f"since each teacher and student needs weights of its own: `{example}`. "
            f"Received: {why}."
        )


def misfit(given: Any, arguments: Sequence[str]) -> str | None:
    """What came, and why it cannot be called with arguments in this order.

    Args:
        given: What came.
        arguments: Names of the arguments.

    Returns:
        `None` if it can be called, or if it does not tell, as some of C do not.

    Examples:
        >>> misfit(lambda problem: [], ("problem", "settings"))
        '`<lambda>(problem)`: too many positional arguments'
        >>> misfit("mine", ("problem",))
        "'mine' of type str"
    """
    if not callable(given):
        return f"{_short(given)} of type {type(given).__name__}"
    for signature, first in _signatures(given):
        try:
            signature.bind(*first, *arguments)
        except TypeError as error:
            shown = "" if first or isinstance(given, type) else str(signature)
            return f"`{_name(given)}{shown}`: {error}"
    return None


def _signatures(given: Any) -> list[tuple[inspect.Signature, tuple[str, ...]]]:
    """All that have to take the arguments, with what comes before these."""
    found = []
    of_layer = isinstance(given, type) and issubclass(given, keras.layers.Layer)
    # Keras' `__new__`, which Python looks at first, takes anything.
    both = [(given, ()), (given.__init__, ("self",))] if of_layer else [(given, ())]
    for function, first in both:
        try:
            found.append((inspect.signature(function), first))
        except (TypeError, ValueError):
            continue
    return found


def _name(given: Any) -> str:
    while hasattr(given, "func"):  # of a partial
        given = given.func
    return getattr(given, "__name__", type(given).__name__)


def _short(given: Any, longest: int = 60) -> str:
    told = " ".join(repr(given).split())
    return told if len(told) <= longest else f"{told[: longest - 3]}..."
