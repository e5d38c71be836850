"""Short hashes of what models, losses and data are.

They stand for content, whatever release of Keras tells of it and wherever the code stands. A config
says more than that, and says it differently from release to release, so that these are left out:

* names of layers, of which Keras gives every new object another; graphs refer to places instead;
* modules of what is registered or Keras' own: a class counts by its registered or public name;
* what is `None` or `False`, as arguments that a release adds are at first;
* arguments of a layer's call that only repeat its defaults, which Keras 3.15 writes down;
* arguments of losses that are those of the constructor; not so of layers, whose defaults would go
  unnoticed if a release changed them;
* states of random numbers, which files do not hold.
"""

import codecs
import contextlib
import hashlib
import inspect
import json
import marshal
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.keras_compat import layers_within
from keras_mtkd._storage.arguments import config_of
from keras_mtkd._storage.code import holds_users, of_code, told
from keras_mtkd._storage.fingerprint_masks import without_own_masks

# Public names that Keras has changed.
_RENAMED = {"GroupQueryAttention": "GroupedQueryAttention"}
_CALLS = "inbound_nodes"


@contextlib.contextmanager
def draw_seeds_alike() -> Iterator[None]:
    """Seeds that Keras draws where none was given, which some layers tell, are the same here."""
    state = random.getstate()
    random.seed(0)
    try:
        yield
    finally:
        random.setstate(state)


def digest(value: Any) -> str:
    """A hash of what JSON can hold, 16 characters."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def of_model(model: keras.Model) -> str:
    """A hash of a model's architecture and weights, 16 characters."""
    return with_values(architecture(model), model.weights)


def with_values(told: Any, variables: Iterable[keras.Variable]) -> str:
    """A hash of what is told of a model and of the values of variables, 16 characters."""
    hashed = hashlib.sha256(digest(told).encode())
    for variable in variables:
        hashed.update(np.ascontiguousarray(np.asarray(variable)).tobytes())
    return hashed.hexdigest()[:16]


def architecture(layer: keras.layers.Layer) -> Any:
    """What a layer or model is, apart from its weights."""
    modes = {_class(each): _mode(each) for each in layers_within(layer)}
    return _Teller(modes).of(keras.saving.serialize_keras_object(layer))


def objective(loss: keras.losses.Loss) -> Any:
    """What a loss is."""
    if holds_users(loss):
        return told(loss)
    config = keras.saving.serialize_keras_object(loss)
    config["config"] = config_of(loss)
    return _Teller({}).of(config, type(loss))


def measure(metric: str | keras.metrics.Metric) -> Any:
    """What a metric is."""
    if isinstance(metric, str):
        return metric
    return [told(type(metric)), told(config_of(metric))]


class _Teller:
    """Turns configs into what they say of content.

    Args:
        modes: `{class: default of training}` of the layers that may be called in a graph.
    """

    def __init__(self, modes: Mapping[tuple[str, str], bool | None]) -> None:
        self._modes = modes

    def of(self, config: Any, kind: type | None = None) -> Any:
        """A config, of an object of this class if it is known, or a part of one."""
        if isinstance(config, list | tuple):
            return [self.of(each) for each in config]
        if not isinstance(config, dict):
            return config
        if config.get("class_name") == "function":
            return config["config"]
        if config.get("class_name") == "__lambda__":
            return _of_lambda(config["config"])
        if "class_name" in config and isinstance(config.get("config"), dict):
            return self._object(config, kind or _loss_class(config))
        said = {key: each for key, each in config.items() if each is not None and each is not False}
        return {key: self.of(value) for key, value in said.items()}

    def _object(self, config: dict[str, Any], loss: type | None) -> dict[str, Any]:
        values = _with_axes_from_the_start(config["config"], config.get("build_config"))
        if loss is not None:
            values = _without_defaults(values, loss)
        if loss is not None or _is_numbered(config):
            values = {key: value for key, value in values.items() if key != "name"}
        told = self._graph(values) if _is_graph(values) else self.of(values)
        return {"class": _name(config), "config": told}

    def _graph(self, values: dict[str, Any]) -> dict[str, Any]:
        """A functional model, whose layers refer to each other by their places in it."""
        entries = without_own_masks(values["layers"])
        places = {entry["name"]: place for place, entry in enumerate(entries)}
        layers = [
            {**self.of(entry), "calls": [self._call(entry, n, places) for n in entry[_CALLS]]}
            for entry in entries
        ]
        ends = {key: _locate(values[key], places) for key in ("input_layers", "output_layers")}
        rest = {key: value for key, value in values.items() if key not in ("layers", *ends)}
        return {**self.of(rest), "layers": layers, **ends}

    def _call(self, entry: Any, node: Any, places: Mapping[str, int]) -> dict[str, Any]:
        named = {
            key: self.of(_locate(value, places))
            for key, value in node["kwargs"].items()
            if not self._goes_without_saying(entry, key, value)
        }
        return {"args": self.of(_locate(node["args"], places)), "kwargs": named}

    def _goes_without_saying(self, entry: Any, key: str, value: Any) -> bool:
        if key == "training" and isinstance(value, bool):
            return self._modes.get((_root(entry["module"]), entry["class_name"])) is value
        return all(leaf is None for leaf in keras.tree.flatten(value))


def _of_lambda(config: dict[str, Any]) -> list[Any]:
    """A function without a name, of which Keras writes the code and, with it, where it stands."""
    code = marshal.loads(codecs.decode(config["code"].encode(), "base64"))
    return [of_code(code), config["defaults"], config["closure"]]


def _is_numbered(config: dict[str, Any]) -> bool:
    """Whether an object has a name of which Keras gives each new one another."""
    of_layer = "trainable" in config["config"] or _CALLS in config
    return of_layer or config["class_name"] in ("InputLayer", "SeedGenerator")


def _is_graph(values: dict[str, Any]) -> bool:
    layers = values.get("layers")
    return isinstance(layers, list) and all(_CALLS in layer for layer in layers) and bool(layers)


def _locate(value: Any, places: Mapping[str, int]) -> Any:
    """Names of layers, wherever tensors refer to them, replaced by places."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return _locate(value["config"]["keras_history"], places)
        return {key: _locate(each, places) for key, each in value.items()}
    if isinstance(value, list | tuple):
        if len(value) == 3 and isinstance(value[0], str) and value[0] in places:
            return {"tensor": [places[value[0]], *value[1:]]}
        return [_locate(each, places) for each in value]
    return value


def _name(config: dict[str, Any]) -> str:
    """A class by its registered or public name, any other one by where it stands."""
    name, registered = config["class_name"], config.get("registered_name")
    if registered and ">" in registered:
        return registered
    return f"{_root(config.get('module'))}>{_RENAMED.get(name, name)}"


def _class(layer: keras.layers.Layer) -> tuple[str, str]:
    return _root(type(layer).__module__), type(layer).__name__


def _root(module: str | None) -> str:
    """The module of a class, which for all that is Keras' own is `keras`."""
    module = module or "__main__"
    return "keras" if module.split(".")[0] == "keras" else module


def _mode(layer: keras.layers.Layer) -> bool | None:
    """The default of `training` in a layer's call, if it has one."""
    known = inspect.signature(layer.call).parameters.get("training")
    return known.default if known is not None and isinstance(known.default, bool) else None


def _loss_class(config: dict[str, Any]) -> type | None:
    registered = config.get("registered_name")
    if registered and ">" in registered:
        found = keras.saving.get_registered_object(registered)
    else:
        public = _root(config.get("module")) == "keras"
        found = getattr(keras.losses, config["class_name"], None) if public else None
    return found if isinstance(found, type) and issubclass(found, keras.losses.Loss) else None


def _without_defaults(values: dict[str, Any], kind: type) -> dict[str, Any]:
    known = inspect.signature(kind.__init__).parameters  # type: ignore[misc]
    return {
        key: value
        for key, value in values.items()
        if key not in known or value != known[key].default
    }


def _with_axes_from_the_start(values: dict[str, Any], build: Any) -> dict[str, Any]:
    """Axes counted from the first: some layers of Keras 3.16 do when they are built."""
    shape = build.get("input_shape") if isinstance(build, dict) else None
    if "axis" not in values or not isinstance(shape, list | tuple):
        return values
    if any(isinstance(size, list | tuple) for size in shape):
        return values
    axes = keras.tree.map_structure(
        lambda axis: axis % len(shape) if isinstance(axis, int) else axis, values["axis"]
    )
    return {**values, "axis": axes}
