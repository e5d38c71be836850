"""A similarity matrix as a picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.plots._axes import new_axes
from keras_mtkd.scheduling.blocks import check_matrix
from keras_mtkd.scheduling.queue import check_listed


@mtkd_export("keras_mtkd.plots.plot_similarity")
def plot_similarity(
    similarity: Any,
    tasks: Sequence[str],
    blocks: Sequence[Sequence[str]] | None = None,
    axes: Any = None,
) -> Any:
    """Heat map of task similarities, with blocks marked along the diagonal.

    Args:
        similarity: `(tasks, tasks)`.
        tasks: Names of the rows.
        blocks: Blocks to mark; rows are sorted so that each lies together.
        axes: Matplotlib axes to draw on; new ones by default.

    Returns:
        The axes.

    Raises:
        TypeError: If `tasks` or a block is one text.
        ValueError: If matrix, names and blocks do not belong together.
        ImportError: If matplotlib is not installed.
    """
    matrix, names = check_matrix(similarity, tasks, symmetric=False)
    check_listed(blocks)
    order = [task for block in blocks or [names] for task in block]
    if sorted(order) != sorted(names):
        raise ValueError(f"Blocks must hold the tasks {names} once each. Received: {blocks}.")
    places = [names.index(task) for task in order]
    matrix = matrix[np.ix_(places, places)]
    axes = new_axes(axes, (0.75 * len(order) + 2.2, 0.75 * len(order) + 1.4))
    image = axes.imshow(matrix, cmap="viridis", vmin=min(0.0, matrix.min()), vmax=1.0)
    axes.figure.colorbar(image, ax=axes, shrink=0.8, label="similarity")
    axes.set_xticks(range(len(order)), order, rotation=35, ha="right")
    axes.set_yticks(range(len(order)), order)
    middle = (image.norm.vmin + 1.0) / 2
    for row, column in np.ndindex(*matrix.shape):
        color = "black" if matrix[row, column] > middle else "white"
        text = f"{matrix[row, column]:.2f}"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    start = 0
    for block in blocks or ():
        _frame(axes, start, len(block))
        start += len(block)
    axes.figure.tight_layout()
    return axes


def _frame(axes: Any, start: int, size: int) -> None:
    low, high = start - 0.5, start + size - 0.5
    corners = [low, high, high, low, low]
    axes.plot(corners, [low, low, high, high, low], color="crimson", linewidth=2.5)
