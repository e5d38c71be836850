"""Conflicts and lengths of gradients as pictures."""

from typing import Any, Protocol

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.plots._axes import new_axes

# Colours that stay apart for the colour-blind (Okabe and Ito); marks tell where they repeat.
_COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
_MARKS = "os^Dv"


class GradientsByEpoch(Protocol):
    """What is read of the callback that looks at gradients, which stands on a floor above.

    Attributes:
        names: The objectives, in the order of the matrices.
        cosines: An array `(objectives, objectives)` for every epoch.
        lengths: An array `(objectives,)` likewise.
    """

    names: list[str]
    cosines: list[np.ndarray]
    lengths: list[np.ndarray]


@mtkd_export("keras_mtkd.plots.plot_gradients")
def plot_gradients(diagnostics: GradientsByEpoch, epoch: int = -1, axes: Any = None) -> Any:
    """Cosines between the objectives' gradients in one epoch, and their lengths over all epochs.

    Red pairs pull against each other, blue ones together; of grey ones one had no gradient. The
    lengths have a logarithmic axis, on which equal distances are equal ratios; those of distances
    to teachers are dashed, in the colour of their task.

    Args:
        diagnostics: The callback, a `keras_mtkd.callbacks.GradientDiagnostics`, after training.
        epoch: The epoch of the cosines, counted from 0; the last one by default.
        axes: Two matplotlib axes to draw on; new ones on one figure by default.

    Returns:
        The two axes: cosines, lengths.

    Raises:
        ValueError: If the callback has seen no epoch.
        ImportError: If matplotlib is not installed.
    """
    if not diagnostics.cosines:
        raise ValueError("There is no epoch to draw. Pass the callback to `fit` first.")
    names, side = diagnostics.names, 0.55 * len(diagnostics.names) + 2.4
    axes = new_axes(axes, (side + 6.0, max(side - 0.6, 3.8)), widths=(side, 6.0))
    _draw_cosines(axes[0], diagnostics.cosines[epoch], names)
    number = range(len(diagnostics.cosines))[epoch] + 1
    axes[0].set_title(f"cosines between gradients, epoch {number}", fontsize=10)
    _draw_lengths(axes[1], np.array(diagnostics.lengths), names)
    axes[1].set_title("lengths of gradients", fontsize=10)
    axes[0].figure.tight_layout()
    return axes


def _draw_cosines(axes: Any, matrix: np.ndarray, names: list[str]) -> None:
    axes.set_facecolor("0.8")
    image = axes.imshow(matrix, cmap="RdBu", vmin=-1.0, vmax=1.0)
    axes.figure.colorbar(image, ax=axes, shrink=0.8, label="cosine (below 0: conflict)")
    axes.set_xticks(range(len(names)), names, rotation=35, ha="right")
    axes.set_yticks(range(len(names)), names)
    for row, column in np.ndindex(*matrix.shape):
        value = matrix[row, column]
        if row != column and not np.isnan(value):
            color = "white" if abs(value) > 0.6 else "black"
            text = f"{value:z.2f}"
            axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)


def _draw_lengths(axes: Any, lengths: np.ndarray, names: list[str]) -> None:
    epochs = np.arange(1, len(lengths) + 1)
    tasks = [name for name in names if _task_of(name, names) == name]
    for name, series in zip(names, lengths.T, strict=True):
        number = tasks.index(_task_of(name, names))
        axes.plot(
            epochs,
            # A logarithmic axis has no place for 0.
            np.where(series > 0, series, np.nan),
            linestyle="-" if name in tasks else "--",
            color=_COLORS[number % len(_COLORS)],
            marker=_MARKS[number % len(_MARKS)],
            markersize=4,
            label=name,
        )
    axes.set_yscale("log")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel("epoch")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)


def _task_of(name: str, names: list[str]) -> str:
    """The objective itself, or of a distance the task."""
    task = name.removesuffix("_distillation")
    return task if task in names else name
