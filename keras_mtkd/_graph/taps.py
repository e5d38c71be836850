"""Reading named inner layers of a model in the same forward pass.

A *tap* is the output of an inner layer, named by the layer's path: `"features"`, or
`"backbone.block3"` for a layer inside a nested functional model.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import keras

from keras_mtkd._backend.keras_compat import count_as_called
from keras_mtkd._backend.types import Shape, Tensor
from keras_mtkd._graph.ends import graph_ends, is_graph, own_inputs
from keras_mtkd._graph.inputs import check_takes
from keras_mtkd._graph.modes import in_mode
from keras_mtkd._graph.subclassed import advice

_SEPARATOR = "."


class TappedModel:
    """A functional model that gives its taps as extra outputs of one forward pass.

    It shares every layer with the model it is made from, which keeps working unchanged. It is
    deliberately not a `keras.Layer`: whoever holds it owns the model already, so that its
    variables and losses must not be tracked a second time.

    Args:
        model: A functional or sequential model.
        paths: Paths of the layers to tap. May be empty.
        with_outputs: False to compute the taps alone and leave the rest of the graph out.

    Attributes:
        shapes: `{path: shape}`, batch first, `None` where unknown.

    Raises:
        ValueError: If a path names no layer, a layer that runs more than once, or one that has
            more than one output; or if the model is not functional.

    Examples:
        >>> import keras, numpy as np
        >>> inputs = keras.Input((4,))
        >>> hidden = keras.layers.Dense(3, name="hidden")(inputs)
        >>> model = keras.Model(inputs, keras.layers.Dense(2)(hidden))
        >>> outputs, taps = TappedModel(model, ["hidden"])(np.zeros((5, 4)))
        >>> outputs.shape == (5, 2), taps["hidden"].shape == (5, 3)
        (True, True)
    """

    def __init__(self, model: keras.Model, paths: Iterable[str], with_outputs: bool = True) -> None:
        paths = list(dict.fromkeys(paths))
        self.shapes: dict[str, Shape] = {}
        self._model, self._tapped = model, bool(paths) or not with_outputs
        self._name = model.name
        if self._tapped:
            inputs, outputs, taps = _trace(model, paths)
            graph = {"outputs": outputs, "taps": taps} if with_outputs else {"taps": taps}
            self._model = keras.Model(inputs, graph)
            self.shapes = {path: tuple(tap.shape) for path, tap in taps.items()}
            count_as_called(model)
        self._in_mode = {training: in_mode(self._model, training) for training in (True, False)}

    @property
    def graph(self) -> keras.Model:
        """The functional model that runs; with taps its outputs are `outputs` and `taps`."""
        return self._model

    def __call__(self, x: Any, training: bool = False) -> tuple[Any, dict[str, Tensor]]:
        """Run the model once.

        Of inputs with names the model gets its own. Layers that the graph calls with
        `training=False` stay in inference mode in training, they alone (`keras_mtkd._graph.modes`).

        Returns:
            The model's outputs (`None` without them) and `{path: tensor}`.

        Raises:
            ValueError: If the inputs have other shapes than the model takes.
        """
        x, by_mode = own_inputs(self._model, x), self._in_mode[training]
        check_takes(self._model, x, self._name)
        result = self._model(x, training=training) if by_mode is None else by_mode.call(x)
        if not self._tapped:
            return result, {}
        return result.get("outputs"), result["taps"]


def tap_paths(model: keras.Model) -> list[str]:
    """The paths of all layers of a model that can be tapped, in the order of its layers."""
    return [path for path, _ in _walk(model, "")]


def path_within(name: str, path: str) -> str | None:
    """What is left of a path inside the nested model of a name, `None` if it leads elsewhere.

    Names may have dots themselves.
    """
    start = name + _SEPARATOR
    return path[len(start) :] if path.startswith(start) else None


def require_functional(model: Any, role: str) -> None:
    """Refuse a model whose graph is not known.

    Args:
        model: What was given.
        role: What it was given as, for the message: `"student"`, `"teacher of 'depth'"`.

    Raises:
        TypeError: If it is no Keras model.
        ValueError: If it is a subclassed or an unbuilt model.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"The {role} must be a `keras.Model`. Received: {model!r}.")
    if not is_graph(model):
        raise ValueError(
            f"The {role} must be a functional model, so that its inner layers can be read. "
            f"Received: '{model.name}', a {type(model).__name__} without a graph of layers. "
            f"{advice(model)}"
        )


def _walk(model: keras.Model, prefix: str) -> Iterator[tuple[str, keras.layers.Layer]]:
    for layer in model.layers:
        path = prefix + layer.name
        yield path, layer
        if is_graph(layer):
            yield from _walk(layer, path + _SEPARATOR)


def _trace(model: keras.Model, paths: list[str]) -> tuple[Any, Any, dict[str, Tensor]]:
    """Run the graph of a model symbolically and note what the layers at `paths` give."""
    _check_paths(model, paths)
    inner, own = _split(model, paths)
    seen: dict[str, Tensor] = {}

    def note(path: str, value: Tensor) -> None:
        if path in seen:
            raise ValueError(
                f"The layer at tap '{path}' runs more than once in '{model.name}', so the tap is "
                "ambiguous. Tap a layer that runs once."
            )
        seen[path] = value

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if layer.name not in inner:
            outputs = layer(*args, **kwargs)
        else:
            graph, rest = inner[layer.name]
            result = graph(*args, **kwargs)
            outputs = result["outputs"]
            for path in rest:
                note(layer.name + _SEPARATOR + path, result["taps"][path])
        if layer.name in own:
            note(layer.name, _single(layer.name, outputs))
        return outputs

    inputs, outputs = _run(model, call)
    for path in own - set(seen):
        raise ValueError(
            f"The tap '{path}' of '{model.name}' is an input, not a layer that computes "
            "something. Tap a later layer."
        )
    return inputs, outputs, seen


def _run(model: keras.Model, call: Callable[..., Any]) -> tuple[Any, Any]:
    # A fresh model around the same graph: cloning would otherwise also compile the clone, and
    # a Sequential cannot be run layer by layer.
    plain = keras.Model(*graph_ends(model))
    clone = keras.models.clone_model(plain, clone_function=lambda layer: layer, call_function=call)
    return clone.input, clone.output


def _split(
    model: keras.Model, paths: list[str]
) -> tuple[dict[str, tuple[keras.Model, list[str]]], set[str]]:
    """Paths into nested models, as tapped graphs of those, and paths of own layers."""
    layers = {layer.name: layer for layer in model.layers}
    own = {path for path in paths if path in layers}
    nested: dict[str, list[str]] = {}
    for path in paths:
        if path not in own:
            head, rest = _enter(layers, path)
            nested.setdefault(head, []).append(rest)
    graphs = {}
    for head, inner in nested.items():
        inputs, outputs, taps = _trace(layers[head], inner)
        graphs[head] = (keras.Model(inputs, {"outputs": outputs, "taps": taps}), inner)
    return graphs, own


def _enter(layers: Mapping[str, keras.layers.Layer], path: str) -> tuple[str, str]:
    """The nested model that a known path leads into, and the path inside it."""
    for name, layer in layers.items():
        rest = path_within(name, path)
        if rest is not None and is_graph(layer) and rest in tap_paths(layer):
            return name, rest
    raise AssertionError(path)


def _single(path: str, outputs: Any) -> Tensor:
    if keras.tree.is_nested(outputs):
        raise ValueError(
            f"The layer at tap '{path}' has {len(keras.tree.flatten(outputs))} outputs; a tap "
            "needs one tensor. Tap one of the layers inside or after it."
        )
    return outputs


def _check_paths(model: keras.Model, paths: list[str]) -> None:
    known = tap_paths(model)
    for path in paths:
        if path not in known:
            near = difflib.get_close_matches(path, known, n=3, cutoff=0.3) or known[-3:]
            raise ValueError(
                f"There is no layer '{path}' in model '{model.name}'. "
                f"Nearest: {', '.join(repr(name) for name in near)}. A layer inside a nested "
                "functional model is named by its dotted path, such as 'backbone.block3'."
            )
