"""The arguments of losses and metrics, also those that their `get_config` does not tell.

Keras 3.15 leaves `delta` of `Huber` and `axis` of `CosineSimilarity` and of
`SparseCategoricalCrossentropy` out of configs: a file would hold another loss. A class of a user's
that takes arguments and has no `get_config` tells none.
"""

import copy
import inspect
from typing import Any, TypeVar

import keras

from keras_mtkd._code import holds_users, told
from keras_mtkd._compat import arguments_of

_SIMPLE = (bool, int, float, str, list, tuple)

Part = TypeVar("Part", bound=keras.losses.Loss | keras.metrics.Metric)


def config_of(part: keras.losses.Loss | keras.metrics.Metric) -> dict[str, Any]:
    """A config from which the same loss or metric can be made."""
    known = inspect.signature(type(part).__init__).parameters
    more = {name: value for name, value in arguments_of(part).items() if name in known}
    return {**keras.saving.serialize_keras_object(more), **part.get_config()}


def pack(value: Any) -> Any:
    """Losses, metrics or structures of them and of other things, as Keras would write them.

    Raises:
        ValueError: If a user's class does not tell what an object of it was given.
    """
    return keras.saving.serialize_keras_object(keras.tree.map_structure(_telling, value))


def made_again(part: Part) -> Part:
    """A new loss or metric with the same arguments.

    Raises:
        ValueError: If its class does not tell what it was given.
    """
    new = type(part).from_config(config_of(part))
    if holds_users(part):
        _check(part, new)
    return new


def _telling(part: Any) -> Any:
    if not isinstance(part, keras.losses.Loss | keras.metrics.Metric):
        return part
    config = config_of(part)
    if "get_config" not in vars(type(part)) and holds_users(part):
        made_again(part)
    elif config == part.get_config():
        return part
    whole = copy.copy(part)
    whole.get_config = lambda: config
    return whole


def _check(part: Any, new: Any) -> None:
    given, found = _values(part), _values(new)
    lost = [name for name in given if given[name] != found.get(name)]
    if lost:
        kind = type(part).__name__
        raise ValueError(
            f"'{part.name}', a {kind}, cannot be saved or made again: `{kind}.get_config()` does "
            f"not tell {', '.join(f'`{name}`' for name in lost)}. Give the class a `get_config` "
            "that returns all arguments of its constructor."
        )


def _values(part: Any) -> dict[str, Any]:
    return {name: told(value) for name, value in vars(part).items() if isinstance(value, _SIMPLE)}
