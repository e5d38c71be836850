"""The functions of a method: whether they take what they will be called with."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._backend.makers import misfit

# What each is called with, and what it may look like.
_CALLED = {
    "distillation": (("problem", "settings"), "[keras_mtkd.LogitDistillation()]"),
    "callbacks": (("problem", "teachers", "settings", "seed"), "[...]"),
    "balancing": (("problem", "teachers", "settings"), "'imtl_g'"),
    "student": (("problem",), "keras.Model(...)"),
}


def check_title(title: Any, distillation: Any) -> None:
    """Refuse a title that is no text.

    Args:
        title: What came as title.
        distillation: What came as function.

    Raises:
        TypeError: If it is none.
    """
    if isinstance(title, str):
        return
    kinds = f"title of type {type(title).__name__}, distillation of type "
    raise TypeError(
        "A method has a title first and then a function: `Method('My method', lambda problem, "
        f"settings: [...])`. Received: {kinds}{type(distillation).__name__}."
    )


def check_parts(title: str, parts: Mapping[str, Any]) -> None:
    """Refuse functions that do not take what a method calls them with.

    Args:
        title: The method's title.
        parts: `{argument of Method: function}`.

    Raises:
        TypeError: Naming method, argument and what it is called with.
    """
    for argument, (called, example) in _CALLED.items():
        given = parts[argument]
        model = isinstance(given, keras.layers.Layer)
        why = f"the model '{given.name}' itself" if model else misfit(given, called)
        if why is not None:
            takes = ", ".join(called)
            raise TypeError(
                f"Method '{title}': `{argument}` must be a function of ({takes}), as "
                f"`lambda {takes}: {example}`. Received: {why}."
            )
