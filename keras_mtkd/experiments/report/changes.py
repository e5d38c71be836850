"""Δ_MTL with standard errors, and the gap of every task."""

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from keras_mtkd.experiments.evidence import mean_and_se
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.report.elements import Content, element
from keras_mtkd.experiments.report.marks import Scale, axis, marks
from keras_mtkd.experiments.report.numbers import number, with_spread
from keras_mtkd.experiments.report.results import Results, titled
from keras_mtkd.experiments.report.tables import Cell, Column, table
from keras_mtkd.metrics.delta_mtl import DELTA

_POINTS = (
    "Dot: mean. Bar: one standard error to either side. Faint dots: single seeds. "
    "The line at 0 is as good as {base}; higher is better. Behind the first: how far a method is "
    "below the one with the largest mean, seed by seed, and in how many seeds it is; bold where "
    "the seeds support it, which is where the 95 % interval by Student's t leaves 0 out, on three "
    "seeds or more."
)


def delta_section(results: Results) -> Element:
    """One row a method: a picture of Δ_MTL, the number, and the distance to the first."""
    scale = _scale(results, [DELTA])
    rows = []
    for method in results.methods:
        values = results.change(method, DELTA)
        mean, spread = mean_and_se(values)
        text = with_spread(mean, spread, 1, signed=True)
        seeds = ", ".join(number(value, 1, signed=True) for value in values)
        label = f"{results.title_of(method)}: {text} %. Seeds: {seeds}."
        picture = marks(scale, mean, spread, values.tolist(), label, results.colour(method))
        rows.append(
            [results.name(method), Cell([picture]), Cell([text], mean), _behind(results, method)]
        )
    columns = [
        Column("Method", "text", "ascending"),
        Column("Change", "figure"),
        Column("Mean, %"),
        Column("Behind the first", best="ascending"),
    ]
    caption = f"Δ_MTL: mean relative change of all tasks over {results.base}, in percent"
    made = table("delta-table", caption, columns, rows, [["%"], [axis(scale)], [], []])
    points = element("p", _POINTS.format(base=_one(results)))
    return titled("Δ_MTL", "delta", points, *_cautions(results), made)


def _one(results: Results) -> str:
    return "one model per task" if results.base == "single-task models" else results.base


def _behind(results: Results, method: str) -> Cell:
    """How far a multi-task method is below the first one."""
    first = results.first()
    if first is None or method in (SINGLE, first):
        return Cell(["–"], math.nan if method == SINGLE else 0.0)
    gap = results.comparison.difference(first, method)
    text = with_spread(gap.mean, gap.se, 1)
    shown: list[Content] = [element("b", text) if gap.clear else text]
    if gap.wins is not None and gap.seeds > 1:
        shown.append(element("small", f" in {gap.wins} of {gap.seeds}"))
    return Cell(shown, gap.mean)


def _cautions(results: Results) -> list[Element]:
    """What is to be read with care, task by task."""
    cautions = results.comparison.cautions()
    if not cautions:
        return []
    told = [element("li", element("b", f"{task}: "), said) for task, said in cautions.items()]
    heading = element("p", "Read Δ_MTL with care:")
    return [element("div", heading, element("ul", *told), class_="caution", role="note")]


def gaps_section(results: Results) -> Element:
    """One row a method, one column a task: change over single-task models."""
    tasks = list(results.tasks)
    scale = _scale(results, tasks)
    rows = []
    for method in results.methods:
        cells = [results.name(method)]
        for task in tasks:
            values = results.change(method, task)
            mean, spread = mean_and_se(values)
            text = with_spread(mean, spread, 1, signed=True)
            label = f"{results.title_of(method)}, {task}: {text} %"
            picture = marks(scale, mean, spread, values.tolist(), label, results.colour(method))
            cells.append(Cell([element("span", text), picture], mean))
        rows.append(cells)
    careful = results.comparison.cautions()
    heads = [Column(task, note="with care" if task in careful else "") for task in tasks]
    columns = [Column("Method", "text", "ascending"), *heads]
    foot: list[Sequence[Content]] = [["%"], *([axis(scale)] for _ in tasks)]
    caption = f"Change of every task over {results.base}, in percent, all on one scale"
    return titled(
        "Gaps by task",
        "gaps",
        element("p", "As above, task by task."),
        table("gaps-table", caption, columns, rows, foot),
    )


def _scale(results: Results, columns: list[str]) -> Scale:
    shown = []
    for method in results.methods:
        for column in columns:
            values = results.change(method, column)
            mean, spread = mean_and_se(values)
            shown += [*values.tolist(), mean - spread, mean + spread]
    return Scale.around(shown)
