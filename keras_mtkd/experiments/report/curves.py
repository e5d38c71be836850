"""Learning curves: a panel a task, a line a method, and the level of the teachers."""

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import numpy as np

from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.numbers import number
from keras_mtkd.experiments.report.panel import Panel
from keras_mtkd.experiments.report.results import Results, titled
from keras_mtkd.experiments.run import Run
from keras_mtkd.task import Task

_TEXT = (
    "Scores on validation data after every epoch, mean over the seeds; the band is one standard "
    "error to either side. The first epochs may lie outside of a panel."
)
_LEVEL_TEXT = " Dashed over the whole width: what {base} reach in the end, mean over the seeds."
_LEVEL = "level"


def curves_section(results: Results) -> Element | None:
    """All panels, and a legend whose boxes show and hide methods; `None` without histories."""
    figures, shown, levels = [], dict[str, None](), []
    for task in results.tasks.values():
        lines = {method: _series(results, method, task) for method in results.methods}
        known = {method: values for method, values in lines.items() if values is not None}
        if known:
            levels.append(_level(results, task))
            figures.append(_figure(results, task, known, levels[-1]))
            shown |= dict.fromkeys(known)
    if not figures:
        return None
    boxes = [
        _box(_key(results, method), results.colour(method), results.title_of(method))
        for method in results.methods
        if method in shown
    ]
    text = _TEXT
    if any(map(math.isfinite, levels)):
        boxes.append(_box(_LEVEL, _LEVEL, _level_title(results)))
        text += _LEVEL_TEXT.format(base=results.base)
    legend = element("fieldset", element("legend", "Methods"), *boxes, class_="legend")
    grid = element("div", *figures, class_="panels")
    return titled("Learning curves", "curves", element("p", text), legend, grid)


def _box(key: str, colour: str, title: str) -> Element:
    # The script of the page makes it work; without it, it is a legend.
    box = element("input", type="checkbox", checked=True, disabled=True, value=key)
    swatch = element("span", class_=f"swatch {colour}", aria_hidden="true")
    return element("label", box, swatch, title)


def _key(results: Results, method: str) -> str:
    return f"method{results.methods.index(method)}"


def _level_title(results: Results) -> str:
    return f"Level of {results.base}"


def _series(results: Results, method: str, task: Task) -> np.ndarray | None:
    """`(seeds, epochs)` of a task's score on validation data."""
    name = _name(task)
    found = [run.history[name] for run in _runs(results, method) if run.history.get(name)]
    if not found:
        return None
    epochs = min(map(len, found))
    return np.array([values[:epochs] for values in found], "float64")


def _level(results: Results, task: Task) -> float:
    """What a task's single-task models reach on validation data, whether they are shown or not."""
    name = _name(task)
    ends = [run.history.get(name, [math.nan])[-1] for run in _runs(results, SINGLE)]
    given = [run.levels.get(name, math.nan) for run in _runs(results, SINGLE)]
    known = [value for value in (*ends, *given) if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


def _name(task: Task) -> str:
    return f"val_{task.name}_{task.score}"


def _runs(results: Results, method: str) -> Iterator[Run]:
    runs = results.comparison.runs
    return (runs[method, seed] for seed in results.seeds if (method, seed) in runs)


def _figure(results: Results, task: Task, lines: dict[str, np.ndarray], level: float) -> Element:
    panel = Panel.around(list(lines.values()), task.higher_is_better, level)
    titles = {method: results.title_of(method) for method in lines}
    drawn = [
        panel.line(values, f"{_key(results, method)} {results.colour(method)}", titles[method])
        for method, values in lines.items()
    ]
    last = [f"{titles[m]} {number(v[:, -1].mean(), 3)}" for m, v in lines.items()]
    if math.isfinite(level):
        # Behind the methods.
        drawn.insert(0, panel.level(level, _LEVEL, _level_title(results)))
        last.append(f"{_level_title(results)} {number(level, 3)}")
    label = f"{task.name}, {task.score}, over {panel.epochs} epochs. After the last: "
    name = f"window{list(results.tasks).index(task.name)}"
    better = "higher is better" if task.higher_is_better else "lower is better"
    caption = element("figcaption", element("b", task.name), f" {task.score}, {better}")
    return element("figure", caption, panel.picture(drawn, f"{label}{'; '.join(last)}.", name))
