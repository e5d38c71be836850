"""Size and time of a prediction, each method's student beside the single-task models."""

import math
from xml.etree.ElementTree import Element

from keras_mtkd.experiments.evidence import mean_and_se
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.numbers import number, with_spread
from keras_mtkd.experiments.report.results import Results, titled
from keras_mtkd.experiments.report.tables import Cell, Column, table
from keras_mtkd.metrics.delta_mtl import DELTA

_TEXT = (
    "Of {base} all together, which predict one after the other, and of each student alone. Time: "
    "one sample, Keras' compiled predict_on_batch on the machine that compares; mean of the "
    "medians of five rounds ± standard error. Models of one architecture are measured as one, so "
    "that methods that share a student have the same numbers; different ones took turns."
)


def costs_section(results: Results) -> Element | None:
    """One row a method; `None` if neither sizes nor times are known."""
    costs = results.comparison.costs()
    if costs[["parameters", "milliseconds"]].isna().all(axis=None):
        return None
    base = costs.loc[SINGLE]
    rows = []
    for method in results.methods:
        cost = costs.loc[method]
        size, time = cost["parameters"], cost["milliseconds"]
        mean, se = mean_and_se(results.change(method, DELTA))
        rows.append(
            [
                results.name(method),
                Cell([count(size)], size),
                _share(size, base["parameters"]),
                Cell([with_spread(time, cost["milliseconds_se"], 2)], time),
                _share(time, base["milliseconds"]),
                Cell([with_spread(mean, se, 1, signed=True)], mean),
            ]
        )
    of = f"of {results.base}"
    columns = [
        Column("Method", "text", "ascending"),
        Column("Parameters", best="ascending"),
        Column("Size", best="ascending", note=of),
        Column("Milliseconds", best="ascending", note="a prediction"),
        Column("Time", best="ascending", note=of),
        Column("Δ_MTL, %"),
    ]
    caption = "What a prediction of all tasks takes"
    made = table("costs-table", caption, columns, rows)
    return titled("Size and time", "costs", element("p", _TEXT.format(base=results.base)), made)


def count(value: float) -> str:
    """A number of parameters with its thousands apart.

    Examples:
        >>> count(51000.0), count(float("nan"))
        ('51,000', '–')
    """
    return f"{value:,.0f}" if math.isfinite(value) else "–"


def _share(value: float, of: float) -> Cell:
    share = 100 * value / of if of else math.nan
    text = f"{number(share, 0 if share >= 10 else 1)} %" if math.isfinite(share) else "–"
    return Cell([text], share)
