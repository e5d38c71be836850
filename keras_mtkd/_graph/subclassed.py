"""Models whose graph is not known: whether they take what they will get, and how to wrap them."""

import re
import warnings
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Shape
from keras_mtkd._graph.ends import is_graph

# What Keras adds to messages: colours, and who was calling whom.
_COLOURS = re.compile(r"\x1b\[\d+m")
_CALLING, _CAUSE = "Exception encountered when calling", "Error encountered:"
# What it warns of where a first call fails, which is told as an error then.
_HALF_BUILT = r"Layer '.*' looks like it has unbuilt state|`build\(\)` was called on layer"


def advice(model: keras.Model) -> str:
    """How to make a functional model of one whose graph is not known, with code.

    Args:
        model: A subclassed model, or a `Sequential` that is not built.
    """
    if isinstance(model, keras.Sequential):
        first = model.layers[0] if model.layers else None
        if first is not None and is_graph(first):
            return (
                f"Put what comes after '{first.name}' behind its output: `keras.Model(loaded."
                "inputs, keras.layers.Rescaling(STD, MEAN)(loaded.outputs[0]))`. It may "
                "have several inputs then too."
            )
        return (
            "Begin it with an input: `keras.Sequential([keras.Input(shape), ...])`, or behind a "
            "model that exists: `keras.Model(loaded.inputs, layer(loaded.outputs[0]))`."
        )
    return (
        f"Around a subclassed model: `inputs = keras.Input({_told(built_for(model))}); "
        "keras.Model(inputs, subclassed(inputs))`, of which the output alone can be tapped. For "
        "taps inside of it, build it by `keras.Model(inputs, outputs)`."
    )


def built_for(model: keras.Model) -> Shape | None:
    """The shape, without batch, of the one input that a model was built for, if that is known."""
    config = model.get_build_config() or {}
    shape = config.get("input_shape") if isinstance(config, Mapping) else None
    if not isinstance(shape, tuple | list) or len(shape) < 2:
        return None
    if not all(size is None or isinstance(size, int) for size in shape):
        return None
    return tuple(shape[1:])


def outputs_on(model: keras.Model, inputs: Any) -> Any:
    """What a model gives, symbolically, which builds it where it was never called.

    Args:
        model: A model whose graph is not known.
        inputs: Symbolic inputs, batch first, in the structure of the data.

    Returns:
        Its outputs, with static shapes; `None` where that cannot be told without data.

    Raises:
        ValueError: If it cannot be called on them; both shapes are named where they are known.
    """
    # Before the attempt, after which Keras takes the model for built.
    taken = built_for(model)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=_HALF_BUILT)
            return model(inputs, training=False)
    except Exception as error:  # whatever a user's `call` raises
        failed = error
    given = keras.tree.flatten(inputs)
    if any(None in each.shape[1:] or each.dtype == "string" for each in given):
        return None
    try:
        # It may hold what no graph does, and run step by step.
        model(keras.tree.map_structure(_zeros, inputs), training=False)
    except Exception:  # that first one says more
        raise ValueError(_refusal(model, inputs, taken, failed)) from failed
    return None


def symbolic(x: Any) -> Any:
    """Symbolic inputs like a batch, of any size; `None` for what has no shape."""
    try:
        return keras.tree.map_structure(_like, x)
    except (AttributeError, TypeError, ValueError):
        return None


def _like(values: Any) -> keras.KerasTensor:
    dtype = keras.backend.standardize_dtype(values.dtype)
    # As `fit` hands them over.
    dtype = keras.config.floatx() if dtype.startswith("float") else dtype
    return keras.KerasTensor((None, *tuple(values.shape)[1:]), dtype)


def _zeros(tensor: Any) -> Any:
    return ops.zeros((1, *tensor.shape[1:]), tensor.dtype)


def _refusal(model: keras.Model, inputs: Any, taken: Shape | None, error: Exception) -> str:
    known = "" if taken is None else f" It was built for inputs of shape {taken}."
    return (
        f"'{model.name}', a {type(model).__name__}, cannot be called on inputs of shape "
        f"{_shapes(inputs)}, which it gets.{known} {_remedy(inputs, taken)} Keras says: "
        f"{said(error)}"
    )


def _shapes(inputs: Any) -> str:
    if isinstance(inputs, Mapping):
        return "{" + ", ".join(f"'{name}': {_shapes(each)}" for name, each in inputs.items()) + "}"
    if isinstance(inputs, list | tuple):
        return "[" + ", ".join(map(_shapes, inputs)) + "]"
    return str(tuple(inputs.shape)[1:])


def _remedy(inputs: Any, taken: Shape | None) -> str:
    if isinstance(inputs, Mapping):
        shapes = {name: tuple(each.shape)[1:] for name, each in inputs.items()}
        fitting = [name for name, shape in shapes.items() if shape == taken]
        name = (fitting or list(shapes))[0]
        return (
            "A model whose graph is not known gets all inputs as they come. Say which one is its "
            f"own, as `i = keras.Input({shapes[name]}, name='{name}'); keras.Model(i, "
            "subclassed(i))`."
        )
    if keras.tree.is_nested(inputs):
        return "Wrap it in a functional model that passes on its own: `keras.Model(inputs, ...)`."
    given = tuple(inputs.shape)[1:]
    if taken is not None and len(taken) == len(given) == 3 and taken[2] == given[2]:
        return (
            f"Put what makes them fit in front: `inputs = keras.Input({given}); keras.Model("
            f"inputs, subclassed(keras.layers.Resizing({taken[0]}, {taken[1]})(inputs)))`."
        )
    return (
        "Put what makes them fit in front, `keras.Model(inputs, subclassed(layer(inputs)))`, and "
        "see that it can be called by itself, `subclassed(batch)`."
    )


def _told(shape: Shape | None) -> str:
    return "shape" if shape is None else str(shape)


def said(error: Exception) -> str:
    """The first line of an error that says anything, without colours."""
    text = _COLOURS.sub("", str(error)).split(_CAUSE)[-1]
    lines = [line.strip() for line in text.splitlines()]
    telling = [line for line in lines if line and not line.startswith(_CALLING)]
    return telling[0] if telling else type(error).__name__
