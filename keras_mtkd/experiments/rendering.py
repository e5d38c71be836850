"""A comparison as a table in the console."""

import io
import math
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from keras_mtkd.experiments.compared import Compared
from keras_mtkd.metrics.delta_mtl import DELTA


def as_table(comparison: Compared) -> Table:
    """Mean ± standard error; the longer of methods and tasks goes down the rows."""
    seeds = comparison.table["seed"].nunique()
    title = f"Mean ± standard error over {seeds} seeds" if seeds > 1 else "One seed"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    cells, tasks_down = _cells(comparison), True
    if len(comparison.methods) > len(comparison.tasks) + 1:
        cells = [list(row) for row in zip(*cells, strict=True)]
        tasks_down = False
        cells[0] = [head.replace(", ", "\n") for head in cells[0]]
    for number, head in enumerate(cells[0]):
        table.add_column(head, justify="right" if number else "left", no_wrap=True)
    for number, row in enumerate(cells[1:], start=1):
        table.add_row(*row, style="bold" if tasks_down and number == len(cells) - 1 else None)
    return table


def as_text(comparison: Compared) -> str:
    """The table without colours."""
    text, table = io.StringIO(), as_table(comparison)
    Console(file=text, width=_width(table), color_system=None).print(table)
    return text.getvalue()


def show(comparison: Compared) -> None:
    """Print the table, in full width where the terminal is narrow: no number is cut."""
    table = as_table(comparison)
    Console(width=max(Console().width, _width(table))).print(table)


def _width(table: Table) -> int:
    unbounded = Console(width=10_000)
    return unbounded.measure(table).maximum


def _cells(comparison: Compared) -> list[list[str]]:
    """One row a task and Δ_MTL, one column a method, with heads."""
    summary = comparison.summary()
    heads = {
        name: f"{name}, {task.score} {'↑' if task.higher_is_better else '↓'}"
        for name, task in comparison.tasks.items()
    }
    rows = [["", *(escape(comparison.title_of(method)) for method in comparison.methods)]]
    for column, head in {**heads, DELTA: f"{DELTA}, % ↑"}.items():
        digits = 1 if column == DELTA else 3
        values = [summary.loc[method][column] for method in comparison.methods]
        rows.append([head, *(_cell(value, digits) for value in values)])
    return rows


def _cell(value: Any, digits: int) -> str:
    mean = f"{value['mean']:z.{digits}f}"
    return mean if math.isnan(value["se"]) else f"{mean} ±{value['se']:.{digits}f}"
