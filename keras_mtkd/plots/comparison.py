"""A comparison as a picture."""

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_mtkd._export import mtkd_export
from keras_mtkd.metrics import relative_changes
from keras_mtkd.plots._axes import new_axes

if TYPE_CHECKING:
    from keras_mtkd.experiments.comparison import Comparison


@mtkd_export("keras_mtkd.plots.plot_comparison")
def plot_comparison(comparison: "Comparison", axes: Any = None) -> Any:
    """Every task's change over single-task models and their mean Δ_MTL, one colour a method.

    Args:
        comparison: The results.
        axes: Matplotlib axes to draw on; new ones by default.

    Returns:
        The axes. Bars are means over the seeds, whiskers one standard error.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    from keras_mtkd.experiments.rendering import title_of

    axes = new_axes(axes, (1.6 * len(comparison.tasks) + 2.4, 4.2))
    changes = _changes(comparison)
    methods = [method for method in comparison.methods if method != "single"]
    places = np.arange(len(comparison.tasks) + 1)
    width = 0.8 / max(len(methods), 1)
    for number, method in enumerate(methods):
        rows = changes[method]
        spread = rows.std(axis=0, ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else None
        where = places + (number - (len(methods) - 1) / 2) * width
        axes.bar(where, rows.mean(axis=0), 0.92 * width, yerr=spread, label=title_of(method))
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.axvspan(len(comparison.tasks) - 0.5, len(comparison.tasks) + 0.5, color="0.93", zorder=0)
    axes.set_xticks(places, [*comparison.tasks, "mean (Δ_MTL)"], rotation=20, ha="right")
    axes.set_ylabel("change over single-task models, %")
    axes.set_title("Higher is better; 0 is as good as one model per task")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.01)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes.figure.tight_layout()
    return axes


def _changes(comparison: "Comparison") -> dict[str, np.ndarray]:
    """`{method: (seeds, tasks + 1)}`, the last column being the mean."""
    from keras_mtkd.experiments.comparison import DELTA

    scores = comparison.scores()
    single = comparison.single_task_scores()
    changes = {}
    for method in comparison.methods:
        rows = [
            [*relative_changes(row, single, comparison.tasks).values(), row[DELTA]]
            for row in scores.loc[method].to_dict("records")
        ]
        changes[method] = np.array(rows)
    return changes
