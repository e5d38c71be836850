"""New axes, without touching matplotlib's global state."""

from typing import Any

from keras_mtkd._optional import require


def new_axes(axes: Any, size: tuple[float, float]) -> Any:
    """The axes given, or new ones on a figure of their own.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    if axes is not None:
        return axes
    return require("matplotlib.figure", "plots").Figure(figsize=size).subplots()
