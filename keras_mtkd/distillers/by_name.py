"""Arguments of `fit` and `evaluate` that came by place, under their names."""

import inspect
import operator
from typing import Any

import keras

_SIGNATURES = {name: inspect.signature(getattr(keras.Model, name)) for name in ("fit", "evaluate")}


def by_name(method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """What a method was given after `x` and `y`.

    Args:
        method: `"fit"` or `"evaluate"`.
        args: What followed `y` without a name.
        kwargs: What came with one.

    Returns:
        All of it, by names.

    Raises:
        TypeError: If one argument came twice, or there are too many; if the batch size is no whole
            number, as where weights came by place.
    """
    named = _SIGNATURES[method].bind(None, None, None, *args, **kwargs).arguments
    named.update(named.pop("kwargs", {}))
    for taken in ("self", "x", "y"):
        del named[taken]
    size = named.get("batch_size")
    if size is not None:
        try:
            operator.index(size)
        except TypeError:
            raise TypeError(
                "`batch_size` must be a whole number. Received one of type "
                f"{type(size).__name__}. It is what follows `x` and `y`: pass weights by their "
                f"name, `{method}(x, y, sample_weight=...)`."
            ) from None
    return named
