"""Methods by name: every method enters itself, and this file knows none of them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.balancing.base import Method

METHODS: dict[str, type[Method]] = {}
"""`{name: class}`, filled when `keras_mtkd.balancing` is imported."""
_EXAMPLES: dict[str, str] = {}

M = TypeVar("M", bound=type[Method])


def register(name: str, example: str | None = None) -> Callable[[M], M]:
    """Let a method be known by a name.

    Args:
        name: The name.
        example: How to make one, for a method that has no defaults.

    Returns:
        A decorator that gives the class back unchanged.
    """

    def decorate(kind: M) -> M:
        METHODS[name] = kind
        if example is not None:
            _EXAMPLES[name] = example
        return kind

    return decorate


def names_of(kind: type[Method]) -> list[str]:
    """The names of all methods of a kind, such as `GramMethod`, in alphabetical order."""
    return sorted(name for name, method in METHODS.items() if issubclass(method, kind))


@mtkd_export("keras_mtkd.balancing.get")
def get(identifier: str | Method | Mapping[str, Any]) -> Method:
    """The method that a name, config or instance stands for.

    Args:
        identifier: A `GramMethod`, `ParameterMethod` or `LossWeighting` (returned as it is), the
            name of one, as `"cagrad"` or `"dwa"`, or what `keras.saving.serialize_keras_object`
            made of one.

    Returns:
        A `GramMethod`, `ParameterMethod` or `LossWeighting`.

    Raises:
        ValueError: If the name is not known, or stands for a method that needs arguments.
        TypeError: If the identifier is none of these.

    Examples:
        >>> get("cagrad")
        CAGrad(c=0.4, rescale='square')
        >>> get("dwa")
        DWA(temperature=2.0)
    """
    if isinstance(identifier, Mapping):
        identifier = keras.saving.deserialize_keras_object(dict(identifier))
    if isinstance(identifier, Method):
        return identifier
    if not isinstance(identifier, str):
        raise TypeError(
            "A method must be a name, a config, a `keras_mtkd.balancing.GramMethod`, "
            "`ParameterMethod` or `LossWeighting`. "
            f"Received: {identifier!r} of type {type(identifier).__name__}."
        )
    if identifier not in METHODS:
        raise ValueError(
            f"A method's name must be one of {sorted(METHODS)}. Received: {identifier!r}."
        )
    if identifier in _EXAMPLES:
        raise ValueError(
            f"This method has no defaults: pass one, as `{_EXAMPLES[identifier]}`, instead "
            f"of its name. Received: {identifier!r}."
        )
    return METHODS[identifier]()
