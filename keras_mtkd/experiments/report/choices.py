"""What an automatic choice tried, and what it took."""

import math
from xml.etree.ElementTree import Element

from keras_mtkd.experiments.choosing import Choice
from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.numbers import number
from keras_mtkd.experiments.report.results import Results, titled
from keras_mtkd.experiments.report.tables import Cell, Column, table

_HOW = (
    "Trials of few epochs sort the candidates; the first of them and plain training are then "
    "trained in full, and the better of both is taken. Changes are those on validation data, where "
    "no task counts for more than 100 %. They are the best of several, and so a little too good."
)


def choices_section(results: Results) -> Element | None:
    """One table an automatic choice, its rounds down the rows; `None` if there is none."""
    tables = [
        _table(results, method, place)
        for place, method in enumerate(results.methods)
        if any(_choices(results, method).values())
    ]
    if not tables:
        return None
    return titled("Automatic choice", "choices", element("p", _HOW), *tables)


def _choices(results: Results, method: str) -> dict[int, Choice]:
    runs = results.comparison.runs
    found = {
        seed: runs[method, seed] for seed in results.seeds_of(method) if (method, seed) in runs
    }
    return {seed: Choice.from_dict(run.choice) for seed, run in found.items() if run.choice}


def _table(results: Results, method: str, place: int) -> Element:
    rows = [
        [
            Cell([choice.titles[name]]),
            Cell([str(seed)], seed),
            Cell([str(trial.epochs)], trial.epochs),
            _change(change, taken=trial is choice.trials[-1] and name == choice.method),
        ]
        for seed, choice in _choices(results, method).items()
        for trial in choice.trials
        for name, change in trial.changes.items()
    ]
    columns = [
        Column("Candidate", "text", "ascending"),
        Column("Seed", best="ascending"),
        Column("Epochs"),
        Column("Change, %"),
    ]
    caption = f"{results.title_of(method)}: what was tried, and in bold what was taken"
    return table(f"choices{place}-table", caption, columns, rows)


def _change(change: float | None, taken: bool) -> Cell:
    value = math.nan if change is None else change
    text = number(value, 1, signed=True)
    return Cell([element("b", text) if taken else text], value)
