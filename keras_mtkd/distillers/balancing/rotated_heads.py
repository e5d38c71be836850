"""Heads that begin with a rotation."""

import keras

from keras_mtkd._backend.keras_compat import calls_of
from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.balancing.split import SplitStudent
from keras_mtkd.layers.rotation import Rotation


def rotations_of(split: SplitStudent, objectives: Objectives) -> list[Rotation]:
    """The rotation of every task, at the start of its head.

    Raises:
        ValueError: If a head does not begin with one of its own, or distances are objectives.
    """
    if objectives.separate:
        raise ValueError(
            "Rotations belong to tasks, so that distances cannot be objectives of their own. Use "
            f'`objectives="tasks"` or `"losses"`. Received: objectives={objectives.kind!r}.'
        )
    found: list[Rotation] = []
    for task, head in split.heads.items():
        layer = _first(head.graph)
        if not isinstance(layer, Rotation) or layer in found:
            raise ValueError(
                f"The head of task '{task}' must begin with a `keras_mtkd.layers.Rotation` of its "
                "own, right after the layer that all tasks share: make the student with "
                f"`hard_sharing(..., rotations=True)`. Received: {layer!r}."
            )
        found.append(layer)
    return found


def _first(head: keras.Model) -> keras.layers.Layer | None:
    """The only layer that the head's input goes to, `None` if there are several."""
    start = head.inputs[0]
    takers = [
        layer
        for layer in head.operations
        if any(start is tensor for call in calls_of(layer) for tensor in call.input_tensors)
    ]
    return takers[0] if len(takers) == 1 else None
