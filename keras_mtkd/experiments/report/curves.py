"""Learning curves: a panel a task, a line a method."""

from xml.etree.ElementTree import Element

import numpy as np

from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.numbers import number
from keras_mtkd.experiments.report.panel import Panel
from keras_mtkd.experiments.report.results import Results, titled
from keras_mtkd.task import Task

_TEXT = (
    "Scores on validation data after every epoch, mean over the seeds; the band is one standard "
    "error to either side. The first epochs may lie outside of a panel."
)


def curves_section(results: Results) -> Element | None:
    """All panels, and a legend whose boxes show and hide methods; `None` without histories."""
    figures, shown = [], dict[str, None]()
    for task in results.tasks.values():
        lines = {method: _series(results, method, task) for method in results.methods}
        known = {method: values for method, values in lines.items() if values is not None}
        if known:
            figures.append(_figure(results, task, known))
            shown |= dict.fromkeys(known)
    if not figures:
        return None
    boxes = [_box(results, method) for method in results.methods if method in shown]
    legend = element("fieldset", element("legend", "Methods"), *boxes, class_="legend")
    grid = element("div", *figures, class_="panels")
    return titled("Learning curves", "curves", element("p", _TEXT), legend, grid)


def _box(results: Results, method: str) -> Element:
    # The script of the page makes it work; without it, it is a legend.
    box = element(
        "input", type="checkbox", checked=True, disabled=True, value=_key(results, method)
    )
    swatch = element("span", class_=f"swatch {results.colour(method)}", aria_hidden="true")
    return element("label", box, swatch, results.title_of(method))


def _key(results: Results, method: str) -> str:
    return f"method{results.methods.index(method)}"


def _series(results: Results, method: str, task: Task) -> np.ndarray | None:
    """`(seeds, epochs)` of a task's score on validation data."""
    name = f"val_{task.name}_{task.score}"
    runs = [results.comparison.runs.get((method, seed)) for seed in results.seeds_of(method)]
    found = [run.history[name] for run in runs if run is not None and run.history.get(name)]
    if not found:
        return None
    epochs = min(map(len, found))
    return np.array([values[:epochs] for values in found], "float64")


def _figure(results: Results, task: Task, lines: dict[str, np.ndarray]) -> Element:
    panel = Panel.around(list(lines.values()), task.higher_is_better)
    titles = {method: results.title_of(method) for method in lines}
    drawn = [
        panel.line(values, f"{_key(results, method)} {results.colour(method)}", titles[method])
        for method, values in lines.items()
    ]
    last = "; ".join(f"{titles[m]} {number(v[:, -1].mean(), 3)}" for m, v in lines.items())
    label = f"{task.name}, {task.score}, over {panel.epochs} epochs. After the last: {last}."
    name = f"window{list(results.tasks).index(task.name)}"
    better = "higher is better" if task.higher_is_better else "lower is better"
    caption = element("figcaption", element("b", task.name), f" {task.score}, {better}")
    return element("figure", caption, panel.picture(drawn, label, name))
