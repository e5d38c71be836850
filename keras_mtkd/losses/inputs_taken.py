"""Inputs that a model cannot take, by what they hold: texts, and numbers that nobody looks up."""

from typing import Any

import keras
import numpy as np

from keras_mtkd._data.cached_features import detach_features
from keras_mtkd._graph.embedded import embedded_inputs
from keras_mtkd._graph.ends import graph_ends, own_inputs

# How the names of dtypes begin that are no numbers, of NumPy's and of TensorFlow's.
_NO_NUMBERS = ("object", "str", "bytes", "datetime", "timedelta")


def check_inputs(model: keras.Model, x: Any) -> None:
    """Refuse inputs that are no numbers, and numbers that an embedding does not have.

    On JAX an embedding gives NaN or the row of another number for those, and training goes on.

    Args:
        model: Functional model.
        x: Its inputs, in any structure that it takes; what has no dtype is left alone.

    Raises:
        ValueError: Naming the input, what came, and what is taken.
    """
    x, _ = detach_features(x)
    taken = keras.tree.flatten(graph_ends(model)[0])
    given = keras.tree.flatten(own_inputs(model, x))
    if len(taken) != len(given):
        return  # Keras tells of structures.
    for tensor, values in zip(taken, given, strict=True):
        _check_numbers(model, tensor, values)
    for place, layer in embedded_inputs(model):
        if hasattr(given[place], "dtype"):
            _check_embedded(taken[place].name, layer, np.asarray(given[place]))


def _check_numbers(model: keras.Model, tensor: Any, values: Any) -> None:
    dtype = getattr(values, "dtype", None)
    name = str(getattr(dtype, "name", dtype))
    if tensor.dtype == "string" or not name.startswith(_NO_NUMBERS):
        return
    some = np.asarray(values).ravel()[:3].tolist()
    raise ValueError(
        f"The input '{tensor.name}' must be numbers, of dtype {tensor.dtype}, as '{model.name}' "
        f"takes them. Received: dtype {dtype}, beginning with {some}. Numbers among objects are "
        "brought to it by `x.astype('float32')`; texts by a `keras.layers.TextVectorization` over "
        "the data, names by a `keras.layers.StringLookup`."
    )


def _check_embedded(name: str, layer: keras.layers.Embedding, numbers: np.ndarray) -> None:
    if numbers.dtype.kind not in "iuf" or not numbers.size:
        return
    # Embeddings cut off what is behind the point.
    largest, smallest = np.trunc(np.nanmax(numbers)), np.trunc(np.nanmin(numbers))
    for number, wrong in ((largest, largest >= layer.input_dim), (smallest, smallest < 0)):
        if wrong:
            which = "largest" if number == largest and number >= 0 else "smallest"
            raise ValueError(
                f"The input '{name}' goes into the embedding '{layer.name}', which has the numbers "
                f"0 to {layer.input_dim - 1} (`input_dim={layer.input_dim}`). Received: "
                f"{int(number)}, the {which}. "
                + (
                    f"Pass `input_dim={int(number) + 1}`, or give what is not known a number of "
                    "its own."
                    if number >= 0
                    else "Give padding and what is not known numbers of their own, such as 0 and 1."
                )
            )
