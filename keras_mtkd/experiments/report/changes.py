"""Δ_MTL with standard errors, and the gap of every task."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from keras_mtkd.experiments.report.elements import Content, element
from keras_mtkd.experiments.report.marks import Scale, axis, marks
from keras_mtkd.experiments.report.numbers import number, with_spread
from keras_mtkd.experiments.report.results import Results, mean_and_spread, titled
from keras_mtkd.experiments.report.tables import Cell, Column, table
from keras_mtkd.metrics.delta_mtl import DELTA

_POINTS = (
    "Dot: mean. Bar: one standard error to either side. Faint dots: single seeds. "
    "The line at 0 is as good as one model per task; higher is better."
)


def delta_section(results: Results) -> Element:
    """One row a method: a picture of Δ_MTL and the number."""
    scale = _scale(results, [DELTA])
    rows = []
    for method in results.methods:
        values = results.change(method, DELTA)
        mean, spread = mean_and_spread(values)
        text = with_spread(mean, spread, 1, signed=True)
        seeds = ", ".join(number(value, 1, signed=True) for value in values)
        label = f"{results.title_of(method)}: {text} %. Seeds: {seeds}."
        picture = marks(scale, mean, spread, values.tolist(), label)
        rows.append([results.name(method), Cell([picture]), Cell([text], mean)])
    columns = [Column("Method", "text", "ascending"), Column("Change", "figure"), Column("Mean, %")]
    made = table(
        "delta-table",
        "Δ_MTL: mean relative change of all tasks over single-task models, in percent",
        columns,
        rows,
        [["%"], [axis(scale)], []],
    )
    return titled("Δ_MTL", "delta", element("p", _POINTS), made)


def gaps_section(results: Results) -> Element:
    """One row a method, one column a task: change over single-task models."""
    tasks = list(results.tasks)
    scale = _scale(results, tasks)
    rows = []
    for method in results.methods:
        cells = [results.name(method)]
        for task in tasks:
            values = results.change(method, task)
            mean, spread = mean_and_spread(values)
            text = with_spread(mean, spread, 1, signed=True)
            label = f"{results.title_of(method)}, {task}: {text} %"
            picture = marks(scale, mean, spread, values.tolist(), label)
            cells.append(Cell([element("span", text), picture], mean))
        rows.append(cells)
    columns = [Column("Method", "text", "ascending"), *map(Column, tasks)]
    foot: list[Sequence[Content]] = [["%"], *([axis(scale)] for _ in tasks)]
    caption = "Change of every task over single-task models, in percent, all on one scale"
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
            mean, spread = mean_and_spread(values)
            shown += [*values.tolist(), mean - spread, mean + spread]
    return Scale.around(shown)
