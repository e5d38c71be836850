"""Models whose graph of layers is known."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._backend.keras_compat import maker_of


def is_graph(layer: Any) -> bool:
    """Whether a layer is a model whose graph of layers is known."""
    return isinstance(layer, keras.Model) and bool(getattr(layer, "inputs", None))


def graph_ends(model: keras.Model) -> tuple[Any, Any]:
    """Symbolic inputs and outputs of a functional or sequential model, in their structure."""
    if isinstance(model, keras.Sequential):
        return model.inputs[0], model.outputs[0]
    return model.input, model.output


def new_inputs(model: keras.Model) -> Any:
    """New symbolic inputs like those of a model, in their structure and with their names."""
    return keras.tree.map_structure(_like, graph_ends(model)[0])


def _like(tensor: Any) -> Any:
    return keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=tensor.name)


def own_inputs(model: keras.Model, x: Any) -> Any:
    """What a model takes of inputs that have names.

    Keras goes by the order of the keys, so that a model would get those of another.

    Args:
        model: Any model; one whose graph is not known gets all inputs as they came.
        x: Inputs, for example `{name: array}` with keys that other models take.

    Returns:
        The model's own inputs, in the structure that it takes.

    Raises:
        ValueError: If one of them is missing.
    """
    if not isinstance(x, Mapping) or not is_graph(model):
        return x
    taken = graph_ends(model)[0]
    if not isinstance(taken, Mapping):
        tensors = keras.tree.flatten(taken)
        if len(tensors) == len(x) == 1:
            return keras.tree.pack_sequence_as(taken, list(x.values()))
        return keras.tree.map_structure(lambda tensor: _named(model, x, tensor.name, tensor), taken)
    return {name: _named(model, x, name, tensor) for name, tensor in taken.items()}


def _named(model: keras.Model, x: Mapping[str, Any], name: str, tensor: Any) -> Any:
    optional = getattr(maker_of(keras.tree.flatten(tensor)[0]), "optional", False)
    if name not in x and not optional:
        raise ValueError(
            f"The model '{model.name}' takes the input '{name}', which the data lacks. Its inputs: "
            f"{[tensor.name for tensor in model.inputs]}. The data has: {list(x)}."
            f"{_naming(x, tensor)}"
        )
    return x.get(name)


def _naming(x: Mapping[str, Any], tensor: Any) -> str:
    """How to let an input have the name of one that the data has, by its shape."""
    if keras.tree.is_nested(tensor):
        return ""
    shape = tuple(tensor.shape)[1:]
    alike = [name for name, given in x.items() if tuple(getattr(given, "shape", ()))[1:] == shape]
    return (
        f" To take one of these: `i = keras.Input({shape}, name='{(alike or list(x))[0]}'); "
        "keras.Model(i, model(i))`."
    )


def prediction(outputs: Any, task: str) -> Any:
    """A task's prediction, from a model with one or several outputs.

    Raises:
        ValueError: If there are several and none has the task's name.
    """
    if isinstance(outputs, Mapping):
        if task in outputs:
            return outputs[task]
        names = list(outputs)
        outputs = list(outputs.values())
    elif isinstance(outputs, list | tuple):
        names, outputs = list(range(len(outputs))), list(outputs)
    else:
        return outputs
    if len(outputs) != 1:
        raise ValueError(
            f"The teacher of '{task}' has several outputs, {names}, and none is called '{task}', "
            "so which one is its prediction is not known. Pass a model with that output alone: "
            "`keras.Model(teacher.input, ...)`."
        )
    return outputs[0]


def alone(model: keras.Model, task: str) -> keras.Model:
    """A functional model with its prediction of a task as the only output, `{task: tensor}`."""
    inputs, outputs = graph_ends(model)
    return keras.Model(inputs, {task: prediction(outputs, task)})
