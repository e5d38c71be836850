"""Names of metrics: what `keras.Model.compile` makes of them, and what was meant by others."""

import inspect
import re

import keras

from keras_mtkd._backend.metric_values import several_values
from keras_mtkd._backend.names import nearest

# `compile` chooses by the shapes what these stand for, in small letters or capital.
_BY_SHAPE = ("accuracy", "acc")
_MOST = 5
# Shorter texts are in names by chance.
_PART = 3


def wrong_metric(name: str) -> str | None:
    """Why a name is no metric of one value, and what to give instead; `None` if it is one.

    Args:
        name: What came.

    Examples:
        >>> wrong_metric("mae"), wrong_metric("Accuracy")
        (None, None)
        >>> wrong_metric("r2")
        "Keras knows no metric 'r2'. Did you mean 'r2_score'?"
    """
    if name.lower() in _BY_SHAPE:
        return None
    kinds = _classes()
    if name in kinds:
        # Not made: Keras would count it, and call the next one of its class by another name.
        return _not_by_name(name, kinds[name])
    try:
        keras.metrics.get(name)
    except ValueError:
        return f"Keras knows no metric '{name}'. {_guess(name)}"
    return None


def _classes() -> dict[str, type[keras.metrics.Metric]]:
    """Keras' classes that nothing but a class is called like, by both of their names."""
    found = {}
    for key, kind in vars(keras.metrics).items():
        if not isinstance(kind, type) or not issubclass(kind, keras.metrics.Metric):
            continue
        for name in (key, _snake_case(key)):
            if name == key or not hasattr(keras.metrics, name):
                found[name] = kind
    return found


def _not_by_name(name: str, kind: type[keras.metrics.Metric]) -> str | None:
    try:
        inspect.signature(kind.__init__).bind(None)
    except TypeError:
        return f"The metric '{name}' needs arguments. Pass `keras.metrics.{kind.__name__}(...)`."
    if not issubclass(kind, keras.metrics.FBetaScore):
        return None
    return (
        f"The metric '{name}' has a value for every {several_values(kind(name=name))}: "
        f"`keras.metrics.{kind.__name__}(average='macro')`."
    )


def _guess(name: str) -> str:
    known = [key for key, value in vars(keras.metrics).items() if inspect.isfunction(value)]
    known = [key for key in known if key not in ("get", "serialize", "deserialize")]
    known = sorted({*known, *map(_snake_case, _classes()), *_BY_SHAPE})
    sought = name.lower().replace("_", "")
    like = [each for each in known if sought and _is_in(sought, each)]
    near = nearest(name, known)
    if not like and near:
        like = [near]
    if not like:
        return "Pass the name of one of `keras.metrics`, or a `keras.metrics.Metric`."
    return f"Did you mean {' or '.join(map(_given, like[:_MOST]))}?"


def _given(name: str) -> str:
    """How a metric is given, by its name or made."""
    kind = _classes().get(name)
    by_name = kind is None or _not_by_name(name, kind) is None
    return repr(name) if kind is None or by_name else f"`keras.metrics.{kind.__name__}(...)`"


def _is_in(sought: str, known: str) -> bool:
    """Whether it is a part of the name, how that begins, or the initials of its words."""
    whole, initials = known.replace("_", ""), "".join(word[0] for word in known.split("_") if word)
    part = sought in whole if len(sought) >= _PART else whole.startswith(sought)
    return part or (len(sought) >= _PART and sought == initials)


def _snake_case(name: str) -> str:
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
