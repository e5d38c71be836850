"""The figure of the page: what small students are worth beside their large teachers, and cost."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from benchmarks.results.of_compression import PLAIN
from benchmarks.results.records import SINGLE, Record, comparison_of
from benchmarks.results.tables import number
from keras_mtkd.experiments import Comparison
from keras_mtkd.plots.colours import BASE, colours

_COLUMNS = 2
# Students of one size stand beside each other, so far apart, as a factor of their size.
_ASIDE = 1.35


def draw(records: Mapping[str, Record]) -> Figure:
    """Δ_MTL over the teachers against parameters, a panel a data set.

    Students have the fewest labels that were measured, their teachers the most.

    Args:
        records: `{data set: content of its file}` of the experiment on compression.
    """
    rows = math.ceil(len(records) / _COLUMNS)
    figure = Figure(figsize=(9.6, 0.6 + 3.3 * rows), layout="constrained")
    panels = figure.subplots(rows, _COLUMNS, squeeze=False).flatten()
    for axes, record in zip(panels, records.values(), strict=False):
        _panel(axes, record)
    for axes in panels[len(records) :]:
        axes.set_visible(False)
    for axes in panels[-_COLUMNS:]:
        axes.set_xlabel("parameters")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
    return figure


def shown(record: Record) -> Mapping[str, Any]:
    """The comparison that is drawn: the fewest labels, and teachers with the most."""
    cases: Sequence[Mapping[str, Any]] = record["cases"]
    return min(cases, key=lambda case: (case["labels"], -case["labels_of_teachers"]))


def _panel(axes: Any, record: Record) -> None:
    case = shown(record)
    comparison = comparison_of(record, case)
    parameters = comparison.costs()["parameters"]
    axes.set_xscale("log")
    axes.axhline(0.0, color="0.6", linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    students = [name for name in comparison.methods if name != SINGLE]
    middle = (len(students) - 1) / 2
    for place, (method, colour) in enumerate(colours(students).items()):
        x = parameters[method] * _ASIDE ** (place - middle)
        title = "without teachers" if method == PLAIN else comparison.title_of(method)
        _point(axes, comparison, method, x, colour, "o", title)
    _point(axes, comparison, SINGLE, parameters[SINGLE], BASE, "D", "the teachers together")
    mine, theirs = parameters[PLAIN], parameters[SINGLE]
    axes.set_xlim(mine / 4, theirs * 3)
    axes.set_xticks([mine, theirs], [number(mine, 0), number(theirs, 0)])
    axes.xaxis.set_minor_locator(NullLocator())
    labels, of = (number(100 * case[key], 0) for key in ("labels", "labels_of_teachers"))
    axes.set_title(
        f"{record['title']}: {labels} % of the labels, teachers {of} %", loc="left", fontsize=10
    )
    axes.set_ylabel("Δ_MTL over the teachers, %")
    axes.spines[["top", "right"]].set_visible(False)


def _point(
    axes: Any,
    comparison: Comparison,
    method: str,
    x: float,
    colour: str,
    marker: str,
    label: str,
) -> None:
    mean, se = comparison.mean_change(method)
    axes.errorbar(
        [x],
        [mean],
        yerr=[se] if math.isfinite(se) else None,
        fmt=marker,
        color=colour,
        markersize=7,
        markeredgecolor="white",
        label=label,
        linestyle="none",
        zorder=3,
    )


def save(records: Mapping[str, Record], path: Path) -> None:
    """Draw the picture, or take away one of numbers that are no longer there.

    Args:
        records: As in `draw`.
        path: Where.
    """
    if not records:
        path.unlink(missing_ok=True)
        return
    # Without the version of matplotlib, so that the file changes with what it shows.
    draw(records).savefig(path, dpi=130, metadata={"Software": None})
