"""Masks in graphs, which Keras 3.15 writes down and 3.16 does not.

Where `Embedding(mask_zero=True)` or `Masking` makes a mask, 3.15 has operations in the graph that
compute it, and hands their tensor to every later layer that takes masks. They say nothing that the
layer which makes the mask does not say.
"""

from collections.abc import Iterator
from typing import Any

_CALLS = "inbound_nodes"
# A tensor: name of its layer, number of the call, place among the outputs.
_Tensor = tuple[str, int, int]


def without_own_masks(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The layers of a functional model's config without what only restates masks of layers."""
    masks = set(_own_masks(layers))
    if not masks:
        return layers
    left = [
        {**layer, _CALLS: [_without(node, masks) for node in layer[_CALLS]]} for layer in layers
    ]
    while True:
        used = {name for layer in left for name, *_ in _tensors(layer[_CALLS])}
        kept = [layer for layer in left if layer["name"] in used or layer["name"] not in masks]
        if len(kept) == len(left):
            return left
        left = kept


def _own_masks(layers: list[dict[str, Any]]) -> Iterator[str]:
    """Names of the operations that compute them."""
    embedded, masked = _masked_at(layers)
    compared = set()
    for layer in _of(layers, "NotEqual"):
        source = next(_tensors(layer[_CALLS]))
        number = layer[_CALLS][0]["args"][-1]
        if embedded.get(source) == number:
            yield layer["name"]
        elif masked.get(source) == number:
            compared.add(layer["name"])
    for layer in _of(layers, "Any"):
        name = next(_tensors(layer[_CALLS]))[0]
        if name in compared:
            yield from (layer["name"], name)


def _masked_at(layers: list[dict[str, Any]]) -> tuple[dict[_Tensor, Any], dict[_Tensor, Any]]:
    """`{tensor: value that is masked}` for what embeddings and what `Masking` are called on."""
    embedded: dict[_Tensor, Any] = {}
    masked: dict[_Tensor, Any] = {}
    for layer in _of(layers, "Embedding"):
        if layer["config"]["mask_zero"]:
            embedded |= dict.fromkeys(_tensors(layer[_CALLS]), 0)
    for layer in _of(layers, "Masking"):
        masked |= dict.fromkeys(_tensors(layer[_CALLS]), layer["config"]["mask_value"])
    return embedded, masked


def _of(layers: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    keras_own = [layer for layer in layers if str(layer["module"]).split(".")[0] == "keras"]
    return [layer for layer in keras_own if layer["class_name"] == kind]


def _without(node: dict[str, Any], masks: set[str]) -> dict[str, Any]:
    """A call that is not handed these masks."""
    kwargs = {
        key: value
        for key, value in node["kwargs"].items()
        if not key.endswith("mask") or masks.isdisjoint(name for name, *_ in _tensors(value))
    }
    return {**node, "kwargs": kwargs}


def _tensors(value: Any) -> Iterator[_Tensor]:
    """All tensors in a part of a config."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            yield tuple(value["config"]["keras_history"])
        else:
            value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from _tensors(each)
