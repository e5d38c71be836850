"""The first fingerprints, for folders that do not say which versions kept them.

They were hashes of configs as Keras 3.15 wrote them. With Keras 3.16 a config is changed back into
what 3.15 would have written, as far as that is known: a graph with masks of `Embedding(mask_zero=
True)` is not, nor were random numbers of a model's dropout ever the same again. Where it fails the
folder is refused.

Needed as long as anybody has folders that were kept before `conditions.note_versions`, with
Keras 3.15 that is; then this file goes, with the argument `before` of `_conditions.check_same`.
"""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from keras_mtkd._backend.keras_compat import RELEASE, converts_inputs, layers_within
from keras_mtkd._storage.fingerprint import digest, with_values
from keras_mtkd.problem import Problem
from keras_mtkd.teachers._content_before import content

# What configs hold by now, at its default, that they did not.
_NEW: dict[str, dict[str, Any]] = {
    "BinaryLogitKL": {"axis": -1},
    "CosineSimilarity": {"axis": -1},
    "Huber": {"delta": 1.0},
    "LogitKL": {"axis": -1},
    "SimpleRNN": {"seed": None},
    "SparseCategoricalCrossentropy": {"axis": -1, "label_smoothing": 0.0},
}
_RENAMED = {"GroupedQueryAttention": "GroupQueryAttention"}


def of_problem(problem: Problem, task: str | None = None) -> dict[str, str]:
    """Hashes of data, backbone and tasks, or of one task."""
    tasks = problem.tasks.values() if task is None else [problem.tasks[task]]
    return {
        "problem": problem.name,
        "data": digest([content(problem.train), content(problem.validation)]),
        "backbone": digest(architecture(problem.backbone())),
        "tasks": digest(
            [[each.name, architecture(each.head()), objective(each.new_loss())] for each in tasks]
        ),
    }


def of_model(model: keras.Model) -> str:
    """A hash of a model's architecture and of all its variables."""
    return with_values(architecture(model), model.variables)


def architecture(layer: keras.layers.Layer) -> Any:
    """A config in which names are numbered."""
    graphs = {each.name: each for each in layers_within(layer) if hasattr(each, "operations")}
    config = _change_back(keras.saving.serialize_keras_object(layer), graphs)
    return _rename(config, _names(config, {}))


def objective(loss: keras.losses.Loss) -> Any:
    """The arguments of a loss."""
    return _without_new(_change_back(loss.get_config(), {}), type(loss).__name__)


def _change_back(config: Any, graphs: Mapping[str, keras.Model]) -> Any:
    """A config, or a part of one, as Keras 3.15 would have written it."""
    if isinstance(config, list | tuple):
        return [_change_back(each, graphs) for each in config]
    if not isinstance(config, dict):
        return config
    config = {key: _change_back(value, graphs) for key, value in config.items()}
    name = config.get("class_name")
    if name == "function":
        return {**config, "module": "builtins", "registered_name": "function"}
    if isinstance(name, str) and isinstance(config.get("config"), dict):
        config["class_name"] = _RENAMED.get(name, name)
        config["config"] = _without_new(config["config"], name)
        if RELEASE >= (3, 16) and name == "LayerNormalization":
            config["config"] = _with_last_axis(config["config"], config.get("build_config"))
    if config.get("name") in graphs and "output_layers" in config:
        _write_down(config["layers"], graphs[config["name"]])
    return config


def _write_down(entries: list[dict[str, Any]], graph: keras.Model) -> None:
    operations = {each.name: each for each in graph.operations}
    for entry in entries:
        layer = operations[entry["name"]]
        if isinstance(layer, keras.layers.Layer):
            for node in entry["inbound_nodes"]:
                node["kwargs"] |= dict(_written_down(layer, node))


def _written_down(layer: keras.layers.Layer, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What Keras 3.15 added to the arguments of a call in a graph.

    It did so by the way, where it had nothing to convert: where the only argument was a tensor of
    the layer's own dtype, or the layer converts nothing.
    """
    known = inspect.signature(layer.call).parameters
    defaults = {key: each.default for key, each in known.items()}
    given = {key for key, value in node["kwargs"].items() if value != defaults.get(key)}
    if given or len(node["args"]) != 1:
        return
    argument = node["args"][0]
    if converts_inputs(layer) and not _is_tensor_of(argument, layer.input_dtype):
        return
    if isinstance(defaults.get("training"), bool):
        yield "training", defaults["training"]
    if "mask" in defaults:
        yield "mask", _none_for_each(argument)


def _is_tensor_of(argument: Any, dtype: str) -> bool:
    is_tensor = isinstance(argument, dict) and argument.get("class_name") == "__keras_tensor__"
    return is_tensor and argument["config"]["dtype"] == dtype


def _none_for_each(argument: Any) -> Any:
    """The structure of tensors, with `None` in their place."""
    if isinstance(argument, list):
        return [_none_for_each(each) for each in argument]
    if isinstance(argument, dict) and "class_name" not in argument:
        return {key: _none_for_each(each) for key, each in argument.items()}
    return None


def _without_new(values: dict[str, Any], name: str) -> dict[str, Any]:
    new = _NEW.get(name, {})
    return {key: value for key, value in values.items() if key not in new or value != new[key]}


def _with_last_axis(values: dict[str, Any], build: Any) -> dict[str, Any]:
    """The last axis as -1, as it is by default: Keras 3.16 counts it from the first when built."""
    shape = build.get("input_shape") if isinstance(build, dict) else None
    if shape and values.get("axis") == [len(shape) - 1]:
        return {**values, "axis": [-1]}
    return values


def _names(config: Any, found: dict[str, str]) -> dict[str, str]:
    """Every name in a config, with its place in the order of appearance."""
    if isinstance(config, dict):
        if isinstance(config.get("name"), str):
            found.setdefault(config["name"], f"#{len(found)}")
        config = list(config.values())
    if isinstance(config, list | tuple):
        for value in config:
            _names(value, found)
    return found


def _rename(config: Any, names: dict[str, str]) -> Any:
    if isinstance(config, dict):
        dropped = ("build_config", "compile_config", "registered_name")
        return {key: _rename(value, names) for key, value in config.items() if key not in dropped}
    if isinstance(config, list | tuple):
        return [_rename(value, names) for value in config]
    return names.get(config, config) if isinstance(config, str) else config
