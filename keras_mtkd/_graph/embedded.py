"""Which inputs of a model are numbers that an embedding looks up."""

from collections.abc import Iterator

import keras

from keras_mtkd._backend.keras_compat import call_of, name_in_keras
from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.ends import graph_ends, is_graph

# What moves all numbers, and changes none.
_KEEPING = frozenset(
    ["Cast", "ExpandDims", "Flatten", "Identity", "Permute", "Reshape", "Squeeze", "Transpose"]
)


def embedded_inputs(model: keras.Model) -> list[tuple[int, keras.layers.Embedding]]:
    """The inputs that reach an `Embedding` as they are, in nested models too.

    Args:
        model: A functional model.

    Returns:
        The place of each among the model's inputs, with the layer.
    """
    inputs, outputs = graph_ends(model)
    places = {id(tensor): place for place, tensor in enumerate(keras.tree.flatten(inputs))}
    found: dict[tuple[int, int], keras.layers.Embedding] = {}
    for layer, tensor in _looked_up(keras.tree.flatten(outputs)):
        place = places.get(id(_origin(tensor)))
        if place is not None:
            found[place, id(layer)] = layer
    return [(place, layer) for (place, _), layer in found.items()]


def _looked_up(outputs: list[Tensor]) -> Iterator[tuple[keras.layers.Embedding, Tensor]]:
    """All embeddings before some tensors, each with the tensor that it gets."""
    left, seen = list(outputs), set[int]()
    while left:
        tensor = left.pop()
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        call = call_of(tensor)
        operation, given = call.operation, list(call.input_tensors)
        if isinstance(operation, keras.layers.InputLayer):
            continue
        left += given
        if name_in_keras(operation) == "Embedding":
            yield operation, given[0]
        elif is_graph(operation) and len(operation.inputs) == len(given):
            for place, layer in embedded_inputs(operation):
                yield layer, given[place]


def _origin(tensor: Tensor) -> Tensor:
    """The tensor whose numbers these are."""
    while name_in_keras(call_of(tensor).operation) in _KEEPING:
        tensor = call_of(tensor).input_tensors[0]
    return tensor
