"""The decorators that make a class part of the public interface, or savable alone."""

from collections.abc import Callable
from typing import TypeVar

import keras

PACKAGE = "keras_mtkd"
PUBLIC_NAMES: dict[str, object] = {}

T = TypeVar("T")
C = TypeVar("C", bound=type)


def mtkd_export(name: str) -> Callable[[T], T]:
    """Record an object under its public name and, if a class, register it for saving.

    Args:
        name: The dotted public name, starting with `"keras_mtkd."`.

    Returns:
        A decorator that gives the object back unchanged.
    """

    def decorate(thing: T) -> T:
        PUBLIC_NAMES[name] = thing
        if isinstance(thing, type) and hasattr(thing, "get_config"):
            saved()(thing)
        return thing

    return decorate


def saved(before: str | None = None) -> Callable[[C], C]:
    """Register a class for saving.

    Args:
        before: The name that it had once, by which older files find it.

    Returns:
        A decorator that gives the class back unchanged.
    """

    def decorate(kind: C) -> C:
        if before is not None:
            keras.saving.get_custom_objects()[f"{PACKAGE}>{before}"] = kind
        return keras.saving.register_keras_serializable(package=PACKAGE)(kind)

    return decorate
