"""A word about teachers that teach nothing."""

from typing import Any

import keras

from keras_mtkd._backend.warn import warn
from keras_mtkd.distillers.wiring import Wiring


def tell_of_idle_teachers(wiring: Wiring, callbacks: Any) -> None:
    """Warn of teachers without a way of distilling, unless a callback may look at them.

    Args:
        wiring: Teachers and ways of distilling.
        callbacks: What `fit` was given. Those of users are not known to look at teachers.
    """
    if wiring.distillations or not wiring.teachers:
        return
    given = getattr(callbacks, "callbacks", callbacks)
    if any(type(each).__module__.startswith("keras_mtkd.") for each in keras.tree.flatten(given)):
        return
    warn(
        f"There are teachers of {list(wiring.teachers)} and no way of distilling, so they teach "
        "nothing. Pass `distillation=[FeatureDistillation(...)]` or `[LogitDistillation()]`."
    )
