"""Inputs without the axis of the batch, as those of a data set that nobody batched."""

from typing import Any

import keras

from keras_mtkd._backend.types import Shape
from keras_mtkd._data.cached_features import detach_features
from keras_mtkd._graph.ends import graph_ends, own_inputs


def check_batched(student: keras.Model, x: Any) -> None:
    """Refuse inputs that are one sample where the model takes batches.

    Args:
        student: Functional model.
        x: Its inputs, in any structure that it takes.

    Raises:
        ValueError: If every input has the shape of a sample, or a named one is missing.
    """
    x, _ = detach_features(x)
    taken = [tuple(tensor.shape) for tensor in keras.tree.flatten(graph_ends(student)[0])]
    given = keras.tree.flatten(own_inputs(student, x))
    shapes = [tuple(part.shape) if hasattr(part, "shape") else None for part in given]
    if len(shapes) != len(taken) or not all(map(_is_sample, shapes, taken)):
        return
    raise ValueError(
        f"The data gives single samples: inputs have shape {shapes[0]}, where the model takes "
        f"batches, {taken[0]}. Batch the data set, as `data.batch(32)` of a `tf.data.Dataset`; one "
        "sample alone is a batch as `x[None]`."
    )


def _is_sample(shape: Shape | None, taken: Shape) -> bool:
    """Whether inputs are a sample; Keras adds a last axis of 1 itself."""
    return (
        shape is not None
        and _fits(shape, taken[1:])
        and not (taken[-1] == 1 and _fits(shape, taken[:-1]))
    )


def _fits(shape: Shape, taken: Shape) -> bool:
    return len(shape) == len(taken) and all(
        b is None or a == b for a, b in zip(shape, taken, strict=True)
    )
