"""The weights of a run over its epochs, a row a task."""

from collections.abc import Sequence
from itertools import groupby, takewhile
from xml.etree.ElementTree import Element

from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.numbers import number
from keras_mtkd.experiments.report.tables import Cell, Column, table
from keras_mtkd.experiments.run import Run

_HEIGHT = 18
_FAINTEST = 0.12


def timeline(place: int, title: str, seed: int, run: Run, colour: str) -> Element | None:
    """Distillation weights as bars over epochs, tasks in the order of the queue.

    Args:
        place: Number of the table on the page.
        title: Title of the method.
        seed: Seed of the run.
        run: The run.
        colour: Classes of the method's colour.

    Returns:
        A table, or `None` if the weights were not kept.
    """
    # The epoch that complexity is measured by: all is on, and nothing of it stays.
    trial = len(list(takewhile(lambda stage: stage < 0, run.history.get("stage", ()))))
    rows = []
    for task in (task for block in run.queue or () for task in block):
        weights = run.history.get(f"{task}_distillation_weight")
        if not weights:
            return None
        rows.append([Cell([task]), Cell([_bars(weights, task, colour, trial)])])
    columns = [Column("Task", "fixed"), Column("Weight over epochs", "figure")]
    caption = f"{title}, seed {seed}: weight of distillation; the fuller the colour, the larger"
    if trial:
        caption += "; without epoch 1, a trial that was taken back"
    epochs = max(len(values) for values in run.history.values())
    ends = element("div", element("span", "1"), element("span", str(epochs)), class_="ends")
    return table(f"timeline{place}-table", caption, columns, rows, [["epoch"], [ends]])


def _bars(weights: Sequence[float], task: str, colour: str, first: int) -> Element:
    """Runs of equal weight, each one bar, from an epoch on."""
    bars, told, start = [], [], first
    for weight, group in groupby(weights[first:], key=lambda value: round(value, 3)):
        count = len(list(group))
        if weight > 0:
            opacity = _FAINTEST + (1 - _FAINTEST) * min(weight, 1.0)
            where = {"x": _percent(start, weights), "width": _percent(count, weights)}
            bars.append(
                element("rect", y=3, height=_HEIGHT - 6, fill_opacity=f"{opacity:.2f}", **where)
            )
        told.append(f"{number(weight, 2)} from epoch {start + 1}")
        start += count
    label = f"{task}: {', '.join(told)}"
    return element(
        "svg",
        *bars,
        class_=f"bars {colour}",
        width="100%",
        height=_HEIGHT,
        role="img",
        aria_label=label,
    )


def _percent(count: int, of: Sequence[float]) -> str:
    return f"{100 * count / len(of):.2f}%"
