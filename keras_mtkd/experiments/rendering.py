"""A comparison as a table in the console."""

import io
import math
from typing import Any

from rich.console import Console
from rich.table import Table

from keras_mtkd.experiments.comparison import DELTA, Comparison
from keras_mtkd.experiments.methods import METHODS


def title_of(method: str) -> str:
    """The name of a method in tables and pictures."""
    return METHODS[method].title if method in METHODS else "Single-task"


def as_table(comparison: Comparison) -> Table:
    """One row a method, mean ± standard error."""
    summary = comparison.summary()
    seeds = comparison.table["seed"].nunique()
    table = Table(title=f"Mean ± standard error over {seeds} seed{'s' if seeds > 1 else ''}")
    table.add_column("")
    for name, task in comparison.tasks.items():
        arrow = "↑" if task.higher_is_better else "↓"
        table.add_column(f"{name}\n{task.score} {arrow}", justify="right")
    table.add_column(f"{DELTA}\n% ↑", justify="right")
    for method in comparison.methods:
        row = summary.loc[method]
        cells = [_cell(row[task], digits=3) for task in comparison.tasks]
        table.add_row(title_of(method), *cells, f"[bold]{_cell(row[DELTA], digits=1)}[/bold]")
    return table


def as_text(comparison: Comparison) -> str:
    """The table without colours."""
    text = io.StringIO()
    Console(file=text, width=160, color_system=None).print(as_table(comparison))
    return text.getvalue()


def _cell(value: Any, digits: int) -> str:
    mean = f"{value['mean']:.{digits}f}"
    return mean if math.isnan(value["se"]) else f"{mean} ± {value['se']:.{digits}f}"
