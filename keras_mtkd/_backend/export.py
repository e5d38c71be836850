"""The decorators of classes that are saved, and of what is public."""

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
            mtkd_saved(thing)
        return thing

    return decorate


def mtkd_saved(thing: T) -> T:
    """Register a class for saving as `keras_mtkd>Name`; on its own, one that is not public.

    Args:
        thing: The class.

    Returns:
        The class, unchanged.
    """
    keras.saving.register_keras_serializable(package=PACKAGE)(thing)
    return thing


def saved_before_as(name: str) -> Callable[[C], C]:
    """Let files find a class by the name that it had when they were written.

    Args:
        name: The name of the class, without the package's.

    Returns:
        A decorator that gives the class back unchanged.
    """

    def decorate(kind: C) -> C:
        keras.saving.get_custom_objects()[f"{PACKAGE}>{name}"] = kind
        return kind

    return decorate
