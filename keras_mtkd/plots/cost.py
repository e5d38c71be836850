"""What is won against what it costs, as a picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd.plots._axes import new_axes
from keras_mtkd.plots.colours import BASE, colours

_UNITS = {"parameters": "parameters", "milliseconds": "ms a prediction"}
# On a line from 0 a student that much smaller would stand at its end.
_LINEAR_UP_TO = 20.0
# In points: between methods of one cost that would overlap, at most so far apart, from the last of
# them to the names, and a dot's diameter with its edge.
_STEP, _WIDEST, _GAP, _DOT = 11.0, 78.0, 12.0, 9.0
_LINE_HEIGHT = 1.35
_QUIET = "0.45"
_MOVED = "   (a dot beside a line has the cost of the line)"


class Compared(Protocol):
    """What is read of a comparison."""

    methods: list[str]

    def costs(self) -> Any:
        """Pandas frame indexed by method; columns parameters and milliseconds."""

    def mean_change(self, method: str) -> tuple[float, float]:
        """Mean Δ_MTL and its standard error."""

    def best(self) -> str | None:
        """The method that is the best as far as the seeds support that."""

    def title_of(self, method: str) -> str:
        """The name of a method in pictures."""

    def base_title(self) -> str:
        """What changes are relative to."""


@dataclass
class _Point:
    """One method on the axes; `shift` is how far it stands aside of its cost, in points."""

    text: str
    x: float
    y: float
    se: float
    colour: str
    bold: bool = False
    shift: float = 0.0


@mtkd_export("keras_mtkd.plots.plot_cost")
def plot_cost(comparison: Compared, cost: str = "parameters", axes: Any = None) -> Any:
    """Δ_MTL against the size of the student, or the time of a prediction, a dot a method.

    Methods whose students are of one architecture cost the same: they are dots on one line. Where
    they would lie on each other they stand beside it, close by, and the axis says so. The
    single-task models together are a diamond at their cost. The axis of costs begins at 0, or is
    logarithmic where the largest is more than 20 times the smallest. A name is bold if its method
    is the best as far as the seeds support that.

    Args:
        comparison: The results, a `keras_mtkd.experiments.Comparison`.
        cost: `"parameters"` or `"milliseconds"`.
        axes: Matplotlib axes to draw on; new ones by default.

    Returns:
        The axes. Dots are means over the seeds, whiskers one standard error. Methods that diverged
        or whose cost is not known are left out.

    Raises:
        ValueError: If `cost` is none of the two, or not known of any method.
        ImportError: If matplotlib is not installed.
    """
    if cost not in _UNITS:
        raise ValueError(f"`cost` must be 'parameters' or 'milliseconds'. Received: cost={cost!r}.")
    students, base = _points(comparison, comparison.costs()[cost])
    if not students:
        raise ValueError(
            f"The {cost} of these methods are not known. `experiments.compare` measures them: run "
            "it again with the same directory, where nothing is trained twice."
        )
    axes = new_axes(axes, (7.6, max(4.3, 0.21 * len(students) + 1.6)))
    _set_scales(axes, [*students, *base], cost)
    axes.axhline(0.0, color=_QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    groups = _by_cost(students)
    for group in groups:
        _move_apart(axes, group)
        axes.axvline(group[0].x, color="0.9", linewidth=0.9, zorder=0)
    for point in students:
        _draw(axes, point, "o")
    for point in base:
        _draw(axes, point, "D")
    moved = any(point.shift for point in students)
    axes.set_xlabel(f"{_UNITS[cost]}{_MOVED if moved else ''}")
    axes.set_ylabel(f"Δ_MTL, %   (0: level with {comparison.base_title()})")
    axes.set_title(_title(groups, base, cost, comparison.base_title()), loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.figure.tight_layout()
    for group in groups:
        _name(axes, group)
    for point in base:
        _name_above(axes, point)
    return axes


def _points(comparison: Compared, costs: Any) -> tuple[list[_Point], list[_Point]]:
    """The students' points, and that of the single-task models if it is known."""
    best, students = comparison.best(), []
    for method, colour in colours(comparison.methods).items():
        mean, se = comparison.mean_change(method)
        text = f"{comparison.title_of(method)} {_signed(mean)}"
        text += f" ±{se:.1f}" if math.isfinite(se) else ""
        students.append(_Point(text, float(costs[method]), mean, se, colour, method == best))
    base = comparison.base_title()
    title = base if base.startswith("the ") else f"{base}, all together"
    mean, se = comparison.mean_change("single")
    single = _Point(title, float(costs["single"]), mean, se, BASE)
    return [p for p in students if _is_known(p)], [p for p in [single] if _is_known(p)]


def _is_known(point: _Point) -> bool:
    return math.isfinite(point.x) and point.x > 0 and math.isfinite(point.y)


def _set_scales(axes: Any, points: Sequence[_Point], cost: str) -> None:
    """Limits with room for whiskers and names, and ticks at what there is where that fits."""
    ticker = require("matplotlib.ticker", "plots")
    sizes = sorted({point.x for point in points})
    low, high = sizes[0], sizes[-1]
    logarithmic = high / low > _LINEAR_UP_TO
    if logarithmic:
        axes.set_xscale("log")
        axes.set_xlim(low / 1.8, high * 2.5)
    else:
        axes.set_xlim(0, 1.14 * high)
    places = np.log(sizes) if logarithmic else np.array(sizes)
    near = np.diff(places) < 0.12 * np.ptp(np.log(axes.get_xlim()) if logarithmic else [0, high])
    if not near.any():
        axes.set_xticks(sizes if logarithmic else [0.0, *sizes])
        axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: _short(value, cost)))
    ends = [0.0]
    for point in points:
        se = point.se if math.isfinite(point.se) else 0.0
        ends += [point.y - se, point.y + se]
    margin = 0.12 * ((max(ends) - min(ends)) or 1.0)
    axes.set_ylim(min(ends) - margin, max(ends) + 1.6 * margin)


def _by_cost(points: Sequence[_Point]) -> list[list[_Point]]:
    """Points of one cost a group, the smallest first, the lowest Δ_MTL first in each."""
    groups: dict[float, list[_Point]] = {}
    for point in sorted(points, key=lambda point: (point.x, point.y)):
        groups.setdefault(point.x, []).append(point)
    return list(groups.values())


def _move_apart(axes: Any, group: Sequence[_Point]) -> None:
    """Move points with whiskers aside as far as they would lie on each other."""
    bottom, top = axes.get_ylim()
    radius = _DOT / 2 * (top - bottom) / (axes.bbox.height * 72 / axes.figure.dpi)
    ends = []
    for point in group:
        reach = max(radius, point.se if math.isfinite(point.se) else 0.0)
        ends.append((point.y - reach, point.y + reach))
    taken = lanes(ends)
    step = min(_STEP, _WIDEST / max(*taken, 1))
    for point, lane in zip(group, taken, strict=True):
        # On the line, then at its right, its left, further at its right.
        point.shift = step * ((lane + 1) // 2) * (1 if lane % 2 else -1)


def lanes(ends: Sequence[tuple[float, float]]) -> list[int]:
    """A lane for every interval, so that none overlap in one; as few as that takes.

    Args:
        ends: Lower and upper end of every interval.

    Examples:
        >>> lanes([(0.0, 2.0), (1.0, 3.0), (2.5, 4.0)])
        [0, 1, 0]
    """
    tops: list[float] = []
    taken = [0] * len(ends)
    for place in sorted(range(len(ends)), key=lambda place: ends[place]):
        low, high = ends[place]
        free = [lane for lane, top in enumerate(tops) if top < low]
        taken[place] = free[0] if free else len(tops)
        tops[taken[place] : taken[place] + 1] = [high]
    return taken


def _draw(axes: Any, point: _Point, marker: str) -> None:
    transforms = require("matplotlib.transforms", "plots")
    aside = transforms.ScaledTranslation(point.shift / 72, 0, axes.figure.dpi_scale_trans)
    axes.errorbar(
        [point.x],
        [point.y],
        yerr=[point.se] if math.isfinite(point.se) else None,
        fmt=marker,
        color=point.colour,
        markersize=7,
        markeredgecolor="white",
        markeredgewidth=0.8,
        elinewidth=1.6,
        transform=axes.transData + aside,
        label=point.text,
        zorder=3,
    )


def _name(axes: Any, group: Sequence[_Point]) -> None:
    """The names of a group in a column at its right, moved apart, with a line to each point."""
    to_points = 72 / axes.figure.dpi
    size = 9.5 if len(group) <= 12 else 7.5
    wanted = [axes.transData.transform((point.x, point.y))[1] * to_points for point in group]
    edge = max(point.shift for point in group) + _GAP
    for point, own, place in zip(group, wanted, apart(wanted, _LINE_HEIGHT * size), strict=True):
        axes.annotate(
            point.text,
            (point.x, point.y),
            (edge, place - own),
            textcoords="offset points",
            va="center",
            fontsize=size,
            color=point.colour,
            fontweight="bold" if point.bold else "normal",
            annotation_clip=False,
            zorder=4,
        )
        start, end = (point.shift + 4, 0.0), (edge - 2, place - own)
        _line(axes, point, start, end)


def _line(axes: Any, point: _Point, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A thin line between two places that are told in points from a point's value."""
    transforms = require("matplotlib.transforms", "plots")
    x, y = axes.transData.transform((point.x, point.y)) / axes.figure.dpi
    shown = axes.figure.dpi_scale_trans + transforms.IdentityTransform()
    axes.plot(
        [x + start[0] / 72, x + end[0] / 72],
        [y + start[1] / 72, y + end[1] / 72],
        color=point.colour,
        alpha=0.45,
        linewidth=0.7,
        transform=shown,
        clip_on=False,
        zorder=2,
        scalex=False,
        scaley=False,
    )


def apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Places at least a gap apart, as near as can be to those wanted, in the same order.

    Args:
        wanted: Places from the lowest to the highest.
        gap: Least distance.

    Examples:
        >>> apart([0.0, 1.0, 9.0], 2.0)
        [-0.5, 1.5, 9.0]
    """
    # Neighbours that are too near are one block, which stands where its members want to on average.
    blocks: list[tuple[float, int]] = []
    for place in wanted:
        middle, count = place, 1
        while blocks and middle - blocks[-1][0] < gap * (count + blocks[-1][1]) / 2:
            other, many = blocks.pop()
            middle = (middle * count + other * many) / (count + many)
            count += many
        blocks.append((middle, count))
    return [
        middle + gap * (place - (count - 1) / 2)
        for middle, count in blocks
        for place in range(count)
    ]


def _name_above(axes: Any, point: _Point) -> None:
    whisker = point.se if math.isfinite(point.se) else 0.0
    axes.annotate(
        point.text,
        (point.x, point.y + whisker),
        (0, 8),
        textcoords="offset points",
        ha="right" if point.x > 0.6 * axes.get_xlim()[1] else "center",
        va="bottom",
        fontsize=9.5,
        color=point.colour,
        annotation_clip=False,
    )


def _title(
    groups: Sequence[Sequence[_Point]], base: Sequence[_Point], cost: str, base_title: str
) -> str:
    if len(groups) > 1 or not base:
        return f"What a student wins, and its {_UNITS[cost]}"
    mine, theirs = groups[0][0].x, base[0].x
    share = 100 * mine / theirs
    percent = f"{share:.{0 if share >= 1 else 2}f} %"
    return (
        f"One student of {_short(mine, cost)} {_UNITS[cost]} ({percent}), "
        f"against {base_title} of {_short(theirs, cost)}"
    )


def _short(value: float, cost: str) -> str:
    """A number of parameters or a time, as people write it."""
    if cost == "milliseconds":
        return f"{value:.2g}" if value < 10 else f"{value:,.0f}"
    if value >= 1e7:
        return f"{value / 1e6:,.0f} M"
    return f"{value / 1e6:.2f} M" if value >= 1e6 else f"{value:,.0f}"


def _signed(value: float) -> str:
    return f"{value:+z.1f}".replace("-", "−")
