"""A comparison as a picture."""

from typing import Any, Protocol

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.metrics.delta_mtl import DELTA
from keras_mtkd.plots._axes import new_axes
from keras_mtkd.plots.colours import COLOURS, colours, places
from keras_mtkd.task import Task

# More bars than that beside each other can no longer be told apart.
_MOST_BARS = 8


class Compared(Protocol):
    """What is read of a comparison. Its results are made on a floor above."""

    tasks: dict[str, Task]
    methods: list[str]

    def scores(self) -> Any:
        """Pandas frame indexed by method and seed; columns are the tasks and Δ_MTL."""

    def changes(self) -> Any:
        """As `scores`, in percent over single-task models."""

    def summary(self) -> Any:
        """Pandas frame indexed by method; columns `(task or Δ_MTL, "mean" or "se")`."""

    def title_of(self, method: str) -> str:
        """The name of a method in pictures."""

    def base_title(self) -> str:
        """What changes are relative to."""


@mtkd_export("keras_mtkd.plots.plot_comparison")
def plot_comparison(comparison: Compared, axes: Any = None) -> Any:
    """Every task's change over single-task models and their mean Δ_MTL, one colour a method.

    Of more than eight methods Δ_MTL alone, a row a method, the best on top, with faint dots for
    single seeds. A method has the colour that it has in the comparison's other pictures and on its
    page; where colours come round again bars are hatched.

    Args:
        comparison: The results, a `keras_mtkd.experiments.Comparison`.
        axes: Matplotlib axes to draw on; new ones by default.

    Returns:
        The axes. Bars and dots are means over the seeds, whiskers one standard error.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    methods = [method for method in comparison.methods if method != "single"]
    if len(methods) <= _MOST_BARS:
        axes = new_axes(axes, (1.6 * len(comparison.tasks) + 2.4, 4.2))
        _bars(axes, comparison, methods)
    else:
        axes = new_axes(axes, (7.0, 0.24 * len(methods) + 1.2))
        _rows(axes, comparison, methods)
    axes.spines[["top", "right"]].set_visible(False)
    axes.figure.tight_layout()
    return axes


def _bars(axes: Any, comparison: Compared, methods: list[str]) -> None:
    tasks, changes = list(comparison.tasks), _changes(comparison)
    middles = np.arange(len(tasks) + 1)
    width = 0.8 / max(len(methods), 1)
    for number, (method, (colour, rounds)) in enumerate(places(methods).items()):
        rows = changes[method]
        spread = rows.std(axis=0, ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else None
        axes.bar(
            middles + (number - (len(methods) - 1) / 2) * width,
            rows.mean(axis=0),
            0.92 * width,
            yerr=spread,
            label=comparison.title_of(method),
            color=COLOURS[colour],
            hatch="//" if rounds else None,
            edgecolor="white",
            linewidth=0,
        )
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.axvspan(len(tasks) - 0.5, len(tasks) + 0.5, color="0.93", zorder=0)
    axes.set_xticks(middles, [*tasks, "mean (Δ_MTL)"], rotation=20, ha="right")
    axes.set_ylabel(f"change over {comparison.base_title()}, %")
    axes.set_title(f"Higher is better; 0 is as good as {_base(comparison)}")
    axes.margins(x=0.01)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _rows(axes: Any, comparison: Compared, methods: list[str]) -> None:
    scores, colour = comparison.scores()[DELTA], colours(methods)
    # One that diverged is the worst.
    ranked = comparison.summary()[DELTA].loc[methods].sort_values("mean", na_position="first")
    for place, (method, mean, spread) in enumerate(ranked.itertuples()):
        seeds = scores.loc[method]
        axes.plot(seeds, np.full(len(seeds), place), ".", color="0.7", zorder=1)
        axes.errorbar(mean, place, xerr=spread, fmt="o", markersize=5, color=colour[method])
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(ranked)), [comparison.title_of(method) for method in ranked.index])
    axes.set_xlabel(f"Δ_MTL, %  (0: as good as {_base(comparison)}; right is better)")
    axes.grid(axis="y", color="0.93")
    axes.set_axisbelow(True)
    axes.margins(y=0.01)


def _changes(comparison: Compared) -> dict[str, np.ndarray]:
    """`{method: (seeds, tasks + 1)}`, the last column being the mean."""
    changes = comparison.changes()
    return {method: changes.loc[method].to_numpy("float64") for method in comparison.methods}


def _base(comparison: Compared) -> str:
    title = comparison.base_title()
    return "one model per task" if title == "single-task models" else title
