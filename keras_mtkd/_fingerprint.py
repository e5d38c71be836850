"""Short hashes of what models and data are."""

import hashlib
import json
from typing import Any

import keras
import numpy as np


def of_model(model: keras.Model) -> str:
    """A hash of a model's architecture and weights, 16 characters."""
    hashed = hashlib.sha256(digest(architecture(model)).encode())
    for variable in model.variables:
        hashed.update(np.ascontiguousarray(np.array(variable)).tobytes())
    return hashed.hexdigest()[:16]


def architecture(layer: keras.layers.Layer) -> Any:
    """A config in which layers are numbered, since Keras names every new object differently."""
    config = keras.saving.serialize_keras_object(layer)
    return _renamed(config, _names(config, {}))


def _names(config: Any, found: dict[str, str]) -> dict[str, str]:
    """Every layer name in a config, with its place in the order of appearance."""
    if isinstance(config, dict):
        if isinstance(config.get("name"), str):
            found.setdefault(config["name"], f"#{len(found)}")
        config = list(config.values())
    if isinstance(config, list | tuple):
        for value in config:
            _names(value, found)
    return found


def _renamed(config: Any, names: dict[str, str]) -> Any:
    if isinstance(config, dict):
        dropped = ("build_config", "compile_config", "registered_name")
        return {key: _renamed(value, names) for key, value in config.items() if key not in dropped}
    if isinstance(config, list | tuple):
        return [_renamed(value, names) for value in config]
    return names.get(config, config) if isinstance(config, str) else config


def digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
