"""New axes, without touching matplotlib's global state."""

from collections.abc import Sequence
from typing import Any

from keras_mtkd._backend.optional import require


def new_axes(axes: Any, size: tuple[float, float], widths: Sequence[float] = (1.0,)) -> Any:
    """The axes given, or new ones on a figure of their own.

    Args:
        axes: What the user gave, or `None`.
        size: Of the figure, in inches.
        widths: Relative widths of several axes side by side.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    if axes is not None:
        return axes
    figure = require("matplotlib.figure", "plots").Figure(figsize=size)
    return figure.subplots(1, len(widths), width_ratios=widths)
