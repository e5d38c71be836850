"""Callbacks that a `fit` of this package adds to those of the user."""

from typing import Any

import keras


def with_own(
    own: keras.callbacks.Callback, callbacks: Any, model: keras.Model, last: bool = False
) -> Any:
    """The callbacks that `fit` was given, with one of ours before them.

    Args:
        own: Ours. One of its class that the list has from an earlier `fit` makes way for it.
        callbacks: `None`, one callback, several, or a `keras.callbacks.CallbackList`, which is
            changed and returned.
        model: What is trained.
        last: Whether ours comes behind them instead.
    """
    listed = isinstance(callbacks, keras.callbacks.CallbackList)
    given = callbacks.callbacks if listed else [] if callbacks is None else callbacks
    others = [each for each in keras.tree.flatten(given) if type(each) is not type(own)]
    together = [*others, own] if last else [own, *others]
    if not listed:
        return together
    own.set_model(model)
    callbacks.callbacks = together
    return callbacks
