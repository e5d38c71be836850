"""Weights of a model with one entry a task, or a way of distilling, for callbacks to assign."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtkd._backend.names import unknown_task


def add_vector(
    model: keras.Model, name: str, keys: Sequence[str], values: Mapping[str, float]
) -> Any:
    """A non-trainable weight, 1 where no value is given.

    Args:
        model: The model that owns it.
        name: Name of the weight.
        keys: What its entries stand for.
        values: `{key: value}`.

    Raises:
        ValueError: If a value is for something else; keys are then those of tasks.
    """
    unknown = sorted(set(values) - set(keys))
    if unknown:
        raise ValueError(unknown_task(f"`{name}` names the task", unknown[0], keys))
    start = [float(values.get(key, 1.0)) for key in keys]
    vector = model.add_weight(
        shape=(len(start),), initializer="ones", trainable=False, dtype="float32", name=name
    )
    vector.assign(start)
    return vector
