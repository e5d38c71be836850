"""A word about teachers that teach nothing."""

import warnings
from collections.abc import Iterable
from typing import Any

import keras


def tell_of_idle_teachers(tasks: Iterable[str], callbacks: Any, stacklevel: int) -> None:
    """Warn of teachers without a way of distilling, unless a callback may look at them.

    Args:
        tasks: Tasks that have a teacher.
        callbacks: What `fit` was given. Those of users are not known to look at teachers.
        stacklevel: That of `fit`'s caller, seen from here.
    """
    given = getattr(callbacks, "callbacks", callbacks)
    if any(type(each).__module__.startswith("keras_mtkd.") for each in keras.tree.flatten(given)):
        return
    warnings.warn(
        f"There are teachers of {list(tasks)} and no way of distilling, so they teach nothing. "
        "Pass `distillation=[FeatureDistillation(...)]` or `[LogitDistillation()]`.",
        stacklevel=stacklevel + 1,
    )
