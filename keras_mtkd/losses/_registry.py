"""Distances by name: every distance enters itself, and this file knows none of them."""

from collections.abc import Callable
from typing import TypeVar

import keras

DISTANCES: dict[str, type[keras.losses.Loss]] = {}
"""`{name: class}` of distances that need no arguments, filled by importing `keras_mtkd.losses`."""

L = TypeVar("L", bound=type[keras.losses.Loss])


def register(name: str) -> Callable[[L], L]:
    """Let a distance be known by a name, wherever a loss can be passed.

    Args:
        name: The name.

    Returns:
        A decorator that gives the class back unchanged.
    """

    def decorate(kind: L) -> L:
        DISTANCES[name] = kind
        return kind

    return decorate
