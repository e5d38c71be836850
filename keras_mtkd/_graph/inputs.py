"""Whether models that get the same data can take it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from keras_mtkd._backend.types import Shape
from keras_mtkd._graph.ends import graph_ends, is_graph
from keras_mtkd._graph.shapes import differ

# What Keras calls an input that nobody named: no data has such a key.
_UNNAMED = re.compile(r"(keras_tensor|input_layer)(_\d+)?|input_\d+")

_BY_NAME = (
    "Or call the inputs by names, `keras.Input(shape, name=...)`, "
    "and give data by these names, `{name: array}`, of which every model takes its own. A model "
    "that exists is given one by `i = keras.Input(shape, name='large'); keras.Model(i, model(i))`."
)
_WITHIN = "whose layers are tapped as 'model.layer' then"


def remedy(taken: Shape | None = None, given: Shape | None = None) -> str:
    """What to do about a model that takes other inputs than there are.

    Args:
        taken: The shape that it takes, batch first, if it is known which one does not fit.
        given: The shape that there is.
    """
    if taken is not None and given is not None and len(taken) == len(given) == 2:
        return f"{_of_one_length(taken[1], given[1])} {_BY_NAME}"
    if taken is not None and given is not None and len(taken) == len(given) == 3:
        return (
            "Put what makes them fit, such as `keras.layers.Cropping1D` or `ZeroPadding1D` for the "
            "steps, in front of it: `keras.Model(inputs, model(keras.layers.ZeroPadding1D((0, "
            f"steps))(inputs)))`, {_WITHIN}. {_BY_NAME}"
        )
    return (
        "Put what makes them fit, such as a `keras.layers.Resizing`, in front of it: "
        "`keras.Model(inputs, model(keras.layers.Resizing(height, width)(inputs)))`, "
        f"{_WITHIN}. {_BY_NAME}"
    )


def _of_one_length(taken: int | None, given: int | None) -> str:
    """Of inputs `(batch, steps)`, such as numbers of tokens, or `(batch, features)`."""
    fitted = "fitting(inputs)"
    if taken is not None and given is not None:
        more = taken - given
        fitted = f"keras.ops.pad(inputs, ((0, 0), (0, {more})))" if more > 0 else ""
        fitted = fitted or f"inputs[:, :{taken}]"
    return (
        "If these are steps, such as tokens, pad or cut the data to the same length for both, make "
        "both of `keras.Input((None,))`, or pad or cut in front of it: `keras.Model(inputs, "
        f"model({fitted}))`, {_WITHIN}."
    )


def check_same_inputs(model: keras.Model, other: Any) -> None:
    """Refuse a model that cannot take what another one does, as far as shapes tell.

    Inputs go together by their names, or by their places where data has no names. Those of which
    data in a dict may hold one each are left to `check_takes`.

    Args:
        model: A functional model.
        other: One that gets the same data; left alone if its graph is not known.

    Raises:
        ValueError: Naming both shapes.
    """
    if not is_graph(other):
        return
    for name, mine, theirs in _pairs(graph_ends(model)[0], graph_ends(other)[0]):
        if _misfit(mine, theirs):
            raise ValueError(
                f"'{other.name}' takes inputs of shape {theirs[1:]}, the student '{model.name}' "
                f"{mine[1:]}{name}. Both get the same data. {remedy(theirs, mine)}"
            )


def has_names(model: keras.Model) -> bool:
    """Whether a functional model's inputs have names, so that data in a dict may hold others too.

    Args:
        model: The model.
    """
    inputs = graph_ends(model)[0]
    named = [not _is_unnamed(tensor.name) for tensor in keras.tree.flatten(inputs)]
    return isinstance(inputs, Mapping) or any(named)


def check_takes(model: keras.Model, x: Any, name: str) -> None:
    """Refuse inputs of other shapes than a functional model takes.

    Args:
        model: The model.
        x: Its own inputs, see `own_inputs`.
        name: What it is called in the message.

    Raises:
        ValueError: Naming both shapes.
    """
    taken, given = keras.tree.flatten(graph_ends(model)[0]), keras.tree.flatten(x)
    if len(taken) != len(given):
        return  # Keras tells of structures.
    for tensor, values in zip(taken, given, strict=True):
        shape = _shape(values)
        if shape is not None and _misfit(shape, tuple(tensor.shape)):
            raise ValueError(
                f"The model '{name}' takes inputs of shape {tuple(tensor.shape)[1:]}"
                f"{_called(tensor)}, the data has {shape[1:]}. "
                f"{remedy(tuple(tensor.shape), shape)}"
            )


def _pairs(mine: Any, theirs: Any) -> Iterator[tuple[str, Shape, Shape]]:
    """Inputs of two models that get the same values: how they are called, and both shapes."""
    named = isinstance(mine, Mapping) or isinstance(theirs, Mapping)
    one, other = _by_name(mine), _by_name(theirs)
    by_place = len(one) == len(other) and (not named or len(one) == 1)
    for place, (name, tensor) in enumerate(one.items()):
        partner = other.get(name)
        if by_place:
            their_name, partner = list(other.items())[place]
            if name != their_name and not (_is_unnamed(name) or _is_unnamed(their_name)):
                partner = None
        elif _is_unnamed(name):
            partner = None
        if partner is not None:
            yield _called(tensor), tuple(tensor.shape), tuple(partner.shape)


def _by_name(inputs: Any) -> dict[str, Any]:
    if isinstance(inputs, Mapping):
        return {name: part for name, part in inputs.items() if not keras.tree.is_nested(part)}
    return {tensor.name: tensor for tensor in keras.tree.flatten(inputs)}


def _called(tensor: Any) -> str:
    return "" if _is_unnamed(tensor.name) else f" for '{tensor.name}'"


def _is_unnamed(name: str) -> bool:
    return _UNNAMED.fullmatch(name) is not None


def _shape(values: Any) -> Shape | None:
    """A tensor's shape, `None` where not even its rank is known."""
    try:
        return tuple(values.shape)
    except (AttributeError, ValueError):
        return None


def _misfit(one: Shape, other: Shape) -> bool:
    """Whether shapes, batch first, differ by more than the last axis of 1 that Keras adds."""
    one, other = one[1:], other[1:]
    if len(one) == len(other) + 1 and one[-1] == 1:
        one = one[:-1]
    elif len(other) == len(one) + 1 and other[-1] == 1:
        other = other[:-1]
    return differ(one, other)
