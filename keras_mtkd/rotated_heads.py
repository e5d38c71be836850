"""Heads that begin with a rotation."""

import keras

from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.layers.rotation import Rotation
from keras_mtkd.shared_representation import SplitStudent


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
    found = {task: _first(head.graph) for task, head in split.heads.items()}
    for task, layer in found.items():
        if not isinstance(layer, Rotation) or list(found.values()).count(layer) > 1:
            raise ValueError(
                f"The head of task '{task}' must begin with a `keras_mtkd.layers.Rotation` of its "
                "own, right after the layer that all tasks share: make the student with "
                f"`hard_sharing(..., rotations=True)`. Received: {layer!r}."
            )
    return list(found.values())


def _first(head: keras.Model) -> keras.layers.Layer | None:
    """The only layer that the head's input goes to, `None` if there are several."""
    start = head.inputs[0]
    takers = [
        layer
        for layer in head.operations
        if any(start is tensor for node in layer._inbound_nodes for tensor in node.input_tensors)
    ]
    return takers[0] if len(takers) == 1 else None
