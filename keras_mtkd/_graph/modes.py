"""The mode of layers whose call in a graph names one: `layer(x, training=False)`.

Keras 3.15 passes over what a graph says as soon as `fit` or `predict` say anything. Keras 3.16
obeys it, and hands it on to every layer that runs later, also to those of other branches. Files of
3.15, moreover, say `training=False` for every dropout and `training=True` for every augmentation:
the defaults of their `call`, which nobody wrote there. Here, with every release,

* a layer called with `training=False` stays in inference mode while the model trains, with all that
  is inside it, and no other layer does;
* `training=True` makes no layer random in inference;
* what only repeats the default of a layer's `call` says nothing.
"""

import inspect
from collections.abc import Iterator
from typing import Any

import keras

from keras_mtkd._backend.keras_compat import RELEASE, call_of, layers_within, run_graph
from keras_mtkd._backend.warn import warn
from keras_mtkd._graph.ends import graph_ends, is_graph

_MODE = "training"
_OBEYED = RELEASE >= (3, 16)


def forget_defaults(model: keras.Model) -> list[str]:
    """Take what only repeats defaults out of a model's graph, in place.

    With Keras 3.15 that changes nothing; with 3.16 a model from a file of 3.15 then trains and
    predicts as it did.

    Returns:
        The names of the layers whose calls said something.
    """
    found: list[str] = []
    for graph in filter(is_graph, layers_within(model)):
        for call in _calls(graph):
            kwargs = call.arguments.kwargs
            if isinstance(kwargs.get(_MODE), bool) and _named(call.operation, kwargs) is None:
                del kwargs[_MODE]
                found.append(call.operation.name)
    return list(dict.fromkeys(found))


def _named(layer: Any, kwargs: dict[str, Any]) -> bool | None:
    """The mode that a call names, `None` if it names none or only the default of the layer."""
    mode = kwargs.get(_MODE)
    if mode is None:
        return None
    known = inspect.signature(layer.call).parameters.get(_MODE)
    return None if known is not None and known.default == mode else mode


def mend(model: Any, role: str) -> None:
    """`forget_defaults`, with a word where that makes a difference to Keras.

    Args:
        model: Anything; what is no model is left alone.
        role: What it was given as, for the warning.
    """
    found = forget_defaults(model) if isinstance(model, keras.Model) else []
    if found and _OBEYED:
        warn(
            f"The graph of the {role} '{model.name}' fixes the mode of layers whose default it is: "
            f"{', '.join(found)}. Files of Keras 3.15 and older say so for every dropout. It is "
            "taken out, so that these layers follow the model, in training and in inference. To "
            "turn a dropout off for good, leave it out.",
        )


def in_mode(model: keras.Model, training: bool) -> keras.Model | None:
    """The same layers in a graph that names the mode of each, where the model's own names another.

    Args:
        model: A functional or sequential model.
        training: The mode in which it is run.

    Returns:
        A model to run by `model.call(x)`, which asks nobody else for the mode; `None` if the model
        can simply be called.
    """
    if not _says(model, not training):
        return None
    inputs = keras.tree.map_structure(
        lambda tensor: keras.Input(
            batch_shape=tensor.shape, dtype=tensor.dtype, name=tensor.name, sparse=tensor.sparse
        ),
        graph_ends(model)[0],
    )
    return keras.Model(inputs, _replay(model, inputs, training), name=model.name)


def _replay(model: keras.Model, inputs: Any, training: bool) -> Any:
    """The outputs of a model that is run symbolically, every layer in its own mode."""

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(layer, keras.layers.Layer):
            return layer(*args, **kwargs)
        mode = training and _named(layer, kwargs) is not False
        if is_graph(layer) and _says(layer, not mode):
            return _replay(layer, args[0], mode)
        return layer(*args, **{**kwargs, _MODE: mode})

    return run_graph(keras.Model(*graph_ends(model)), inputs, call)


def _says(model: keras.Model, mode: bool) -> bool:
    """Whether Keras may take this mode from a call in a model's graph, or in one inside it."""
    for call in _calls(model):
        layer, kwargs = call.operation, call.arguments.kwargs
        if kwargs.get(_MODE) is mode and (_OBEYED or _named(layer, kwargs) is mode):
            return True
        if is_graph(layer) and _says(layer, mode):
            return True
    return False


def _calls(model: keras.Model) -> Iterator[Any]:
    """The calls that a model's graph consists of, from the outputs back to its inputs."""
    seen = {id(tensor) for tensor in model.inputs}
    pending = list(model.outputs)
    while pending:
        tensor = pending.pop()
        if id(tensor) in seen:
            continue
        call = call_of(tensor)
        seen |= {id(output) for output in call.output_tensors}
        pending.extend(call.input_tensors)
        yield call
