"""A comparison as a table in the console."""

import io
import math
import textwrap
from collections.abc import Iterator
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from keras_mtkd.experiments.compared import Compared
from keras_mtkd.experiments.verdict import whose_teachers
from keras_mtkd.metrics.delta_mtl import DELTA

Cells = list[list[str]]

_COLUMNS = 80
_GAP = 2
# A head that is longer than numbers goes on in the next line.
_LONG = len("-0.000 ±0.000")


def as_tables(comparison: Compared, width: int = _COLUMNS) -> list[Table]:
    """Mean ± standard error; the longer of methods and tasks goes down the rows.

    Args:
        comparison: The results.
        width: Columns to fit in. What has no place in a table comes in another one below.

    Returns:
        The tables. Only one that has a single column of numbers may be wider.
    """
    cells, tasks_down = _cells(comparison), True
    if len(comparison.methods) > len(comparison.tasks) + 1:
        cells, tasks_down = _transposed(cells), False
        cells[0] = [head.replace(", ", "\n") for head in cells[0]]
    cells[0] = [_broken(head) for head in cells[0]]
    return [_table(part, tasks_down) for part in _parts(cells, width)]


def as_text(comparison: Compared) -> str:
    """The tables without colours."""
    text = io.StringIO()
    _print(comparison, _COLUMNS, file=text, color_system=None)
    return text.getvalue()


def show(comparison: Compared) -> None:
    """Print the tables, as wide as the terminal; no number is cut where it is narrow."""
    _print(comparison, Console().width)


def _print(comparison: Compared, width: int, **options: Any) -> None:
    unbounded, console = Console(width=10_000), Console(width=width, **options)
    seeds = comparison.table["seed"].nunique()
    title = f"Mean ± standard error over {seeds} seeds" if seeds > 1 else "One seed"
    console.print(title, style="italic", highlight=False)
    for number, table in enumerate(as_tables(comparison, width)):
        if number:
            console.print()
        needed = unbounded.measure(table).maximum
        Console(width=max(width, needed), **options).print(table)
    if told := whose_teachers(comparison.own_teachers, comparison.tasks):
        console.print(told, highlight=False, markup=False)


def _table(cells: Cells, tasks_down: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, _GAP - 1, 0, 0), pad_edge=False, show_edge=False)
    for number, head in enumerate(cells[0]):
        table.add_column(Text(head), justify="right" if number else "left", no_wrap=True)
    for row in cells[1:]:
        style = "bold" if tasks_down and row[0].startswith(DELTA) else None
        table.add_row(*map(Text, row), style=style)
    return table


def _parts(cells: Cells, width: int) -> Iterator[Cells]:
    """As many columns as fit beside the first, which every part has, then the next."""
    first, *columns = _transposed(cells)
    part = [first]
    for column in columns:
        if len(part) > 1 and sum(map(_width, [*part, column])) - _GAP > width:
            yield _transposed(part)
            part = [first]
        part.append(column)
    yield _transposed(part)


def _width(column: list[str]) -> int:
    return _GAP + max(cell_len(line) for cell in column for line in cell.split("\n"))


def _transposed(cells: Cells) -> Cells:
    return [list(row) for row in zip(*cells, strict=True)]


def _broken(head: str) -> str:
    """A head over several lines, without breaking words."""
    lines = [textwrap.wrap(line, _LONG, break_long_words=False) for line in head.split("\n")]
    return "\n".join(part for parts in lines for part in parts)


def _cells(comparison: Compared) -> Cells:
    """One row a task and Δ_MTL, one column a method, with heads."""
    summary = comparison.summary()
    heads = {
        name: f"{name}, {task.score} {'↑' if task.higher_is_better else '↓'}"
        for name, task in comparison.tasks.items()
    }
    rows = [["", *(comparison.title_of(method) for method in comparison.methods)]]
    for column, head in {**heads, DELTA: f"{DELTA}, % ↑"}.items():
        digits = 1 if column == DELTA else 3
        values = [summary.loc[method][column] for method in comparison.methods]
        rows.append([head, *(_cell(value, digits) for value in values)])
    return [*rows, *_costs(comparison)]


def _costs(comparison: Compared) -> Cells:
    """What students and single-task models cost, as far as known."""
    costs = comparison.costs().loc[comparison.methods]
    shown = {"parameters": ("parameters", ",.0f"), "ms a prediction": ("milliseconds", ".2g")}
    return [
        [head, *("–" if math.isnan(value) else f"{value:{form}}" for value in costs[column])]
        for head, (column, form) in shown.items()
        if costs[column].notna().any()
    ]


def _cell(value: Any, digits: int) -> str:
    mean = f"{value['mean']:z.{digits}f}"
    return mean if math.isnan(value["se"]) else f"{mean} ±{value['se']:.{digits}f}"
