"""Measures of similarity by name: every measure enters itself, and this file knows none of them."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np

Measure = Callable[[np.ndarray, np.ndarray], float]
MEASURES: dict[str, Measure] = {}
"""`{name: function of two arrays of features}`, filled by importing `keras_mtkd.similarity`."""

F = TypeVar("F", bound=Callable[..., float])


def register(name: str, **options: Any) -> Callable[[F], F]:
    """Let a measure be known by a name.

    Args:
        name: The name.
        options: Arguments that it has under this name.

    Returns:
        A decorator that gives the function back unchanged.
    """

    def decorate(measure: F) -> F:
        MEASURES[name] = partial(measure, **options) if options else measure
        return measure

    return decorate
