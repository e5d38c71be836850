"""The decorator that makes a class part of the public, savable interface."""

from collections.abc import Callable
from typing import TypeVar

import keras

PACKAGE = "keras_mtkd"
PUBLIC_NAMES: dict[str, object] = {}

T = TypeVar("T")


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
            keras.saving.register_keras_serializable(package=PACKAGE)(thing)
        return thing

    return decorate
