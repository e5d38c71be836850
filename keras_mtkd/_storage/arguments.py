"""The arguments of losses and metrics, also those that their `get_config` does not tell.

Keras 3.15 leaves `delta` of `Huber`, `axis` of `CosineSimilarity` and of
`SparseCategoricalCrossentropy`, and the `dtype` of most losses out of configs: a file would hold
another loss. A class of a user's that takes arguments and has no `get_config` tells none.
"""

import contextlib
import copy
import inspect
from typing import Any, TypeVar

import keras

from keras_mtkd._backend.keras_compat import arguments_of
from keras_mtkd._storage.code import holds_users, told

_SIMPLE = (bool, int, float, str, list, tuple)

Part = TypeVar("Part", bound=keras.losses.Loss | keras.metrics.Metric)


def config_of(part: keras.losses.Loss | keras.metrics.Metric) -> dict[str, Any]:
    """A config from which the same loss or metric can be made."""
    known = inspect.signature(type(part).__init__).parameters
    given = {**arguments_of(part)}
    if part.dtype != keras.config.floatx():
        given["dtype"] = part.dtype
    more = {name: value for name, value in given.items() if name in known}
    return {**keras.saving.serialize_keras_object(more), **part.get_config()}


def pack(value: Any) -> Any:
    """Losses, metrics or structures of them and of other things, as Keras would write them.

    Raises:
        ValueError: If a user's class does not tell what an object of it was given.
    """
    return keras.saving.serialize_keras_object(keras.tree.map_structure(_telling, value))


def make_again(part: Part) -> Part:
    """A new loss or metric with the same arguments.

    Raises:
        ValueError: If its class does not tell what it was given.
    """
    try:
        new = type(part).from_config(config_of(part))
    except TypeError as error:
        raise ValueError(
            _refusal(part, f"gives no arguments to make one from ({error})")
        ) from error
    _check_same(part, new)
    return new


def _telling(part: Any) -> Any:
    if not isinstance(part, keras.losses.Loss | keras.metrics.Metric):
        return part
    config = config_of(part)
    # Whoever loads a class that cannot be made from its config is told so by Keras.
    with contextlib.suppress(TypeError):
        _check_same(part, type(part).from_config(config))
    if config == part.get_config():
        return part
    whole = copy.copy(part)
    whole.get_config = lambda: config
    return whole


def _check_same(part: Any, new: Any) -> None:
    """Classes of Keras and of this package tell all; those of users may not."""
    if not holds_users(part):
        return
    given, found = _values(part), _values(new)
    lost = [name for name in given if given[name] != found.get(name)]
    if lost:
        names = ", ".join(f"`{name}`" for name in lost)
        raise ValueError(_refusal(part, f"does not tell {names}"))


def _refusal(part: Any, why: str) -> str:
    kind = type(part).__name__
    return (
        f"'{part.name}', a {kind}, cannot be saved or made again: `{kind}.get_config()` {why}. "
        "Give the class a `get_config` that returns all arguments of its constructor."
    )


def _values(part: Any) -> dict[str, Any]:
    return {name: told(value) for name, value in vars(part).items() if isinstance(value, _SIMPLE)}
