"""Scores as they were measured: means, and seed by seed."""

from xml.etree.ElementTree import Element

from keras_mtkd.experiments.evidence import mean_and_se
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.report.elements import Content, element
from keras_mtkd.experiments.report.numbers import number, with_spread
from keras_mtkd.experiments.report.results import Results, titled
from keras_mtkd.experiments.report.tables import Cell, Column, table
from keras_mtkd.experiments.verdict import whose_teachers
from keras_mtkd.metrics.delta_mtl import DELTA

_DIGITS = 3


def scores_section(results: Results) -> Element:
    """One row a method: mean ± standard error of every task's score."""
    rows, own = [], results.comparison.own_teachers
    for method in results.methods:
        cells = [results.name(method)]
        for task in results.tasks:
            mean, spread = mean_and_se(results.score(method, task))
            text: Content = with_spread(mean, spread, _DIGITS)
            if method == SINGLE and own:
                whose = "given" if task in own else "trained here"
                text = element("span", text, element("small", whose))
            cells.append(Cell([text], mean))
        rows.append(cells)
    count = len(results.seeds)
    caption = (
        f"Scores: mean ± standard error over {count} seeds" if count > 1 else "Scores, one seed"
    )
    made = table("scores-table", caption, _columns(results), rows)
    told = whose_teachers(own, results.tasks)
    return titled("Scores", "scores", *([element("p", told)] if told else []), made)


def seeds_section(results: Results) -> Element:
    """One row a method and seed."""
    rows = []
    for method in results.methods:
        scores = [results.score(method, column) for column in (*results.tasks, DELTA)]
        for place, seed in enumerate(results.seeds_of(method)):
            run = results.comparison.runs.get((method, seed))
            seconds = float("nan") if run is None or run.seconds is None else run.seconds
            *measured, delta = (float(values[place]) for values in scores)
            rows.append(
                [
                    results.name(method),
                    Cell([str(seed)], seed),
                    *(Cell([number(value, _DIGITS)], value) for value in measured),
                    Cell([number(delta, 1, signed=True)], delta),
                    Cell([number(seconds, 0)], seconds),
                ]
            )
    first, *tasks = _columns(results)
    last = [Column("Δ_MTL, %"), Column("Training, s", best="ascending")]
    columns = [first, Column("Seed", best="ascending"), *tasks, *last]
    return titled("Seeds", "seeds", table("seeds-table", "Every run by its seed", columns, rows))


def _columns(results: Results) -> list[Column]:
    heads = [
        Column(
            name,
            best="descending" if task.higher_is_better else "ascending",
            note=f"{task.score}, {'higher' if task.higher_is_better else 'lower'} is better",
        )
        for name, task in results.tasks.items()
    ]
    return [Column("Method", "text", "ascending"), *heads]
