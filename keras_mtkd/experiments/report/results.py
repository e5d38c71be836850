"""The numbers of a comparison in the order in which the page shows them."""

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from keras_mtkd.experiments.compared import Compared
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.tables import Cell
from keras_mtkd.metrics import relative_changes
from keras_mtkd.metrics.delta_mtl import DELTA

_COLOURS = 6


class Results:
    """Scores and changes of a comparison, seed by seed.

    Args:
        comparison: The comparison.

    Attributes:
        scores: Pandas frame as `Comparison.scores` gives it.
        changes: The same in percent over single-task models; Δ_MTL is their mean.
        seeds: All seeds.
    """

    def __init__(self, comparison: Compared) -> None:
        self.comparison = comparison
        self.tasks, self.methods = comparison.tasks, comparison.methods
        self.scores = comparison.scores()
        single = comparison.single_task_scores()
        self.changes = self.scores.copy()
        for place, row in self.scores[list(self.tasks)].iterrows():
            changed = relative_changes(row.to_dict(), single, self.tasks)
            self.changes.loc[place, list(self.tasks)] = [changed[task] for task in self.tasks]
        self.seeds = list(dict.fromkeys(comparison.table["seed"].tolist()))

    def score(self, method: str, column: str) -> np.ndarray:
        """Scores of a task, or Δ_MTL, a value a seed."""
        return np.array(self.scores.loc[method][column], "float64")

    def change(self, method: str, column: str) -> np.ndarray:
        """The change of a task, or Δ_MTL, in percent, a value a seed."""
        return np.array(self.changes.loc[method][column], "float64")

    def seeds_of(self, method: str) -> list[Any]:
        """The seeds of a method."""
        return list(self.scores.loc[method].index)

    def best(self) -> str | None:
        """The multi-task method with the largest mean Δ_MTL."""
        students = [method for method in self.methods if method != SINGLE]
        return max(students, key=lambda method: self.change(method, DELTA).mean(), default=None)

    def title_of(self, method: str) -> str:
        """The name of a method on the page."""
        return self.comparison.title_of(method)

    def name(self, method: str) -> Cell:
        """A method's title beside its colour."""
        swatch = element("span", class_=f"swatch {self.colour(method)}", aria_hidden="true")
        title = element("span", self.title_of(method))
        return Cell([element("span", swatch, title, class_="method")], self.title_of(method))

    def colour(self, method: str) -> str:
        """Classes that give a method its colour, and a dash where colours come round again."""
        if method == SINGLE:
            return "single"
        place = [other for other in self.methods if other != SINGLE].index(method)
        dash = place // _COLOURS % 3
        return f"colour{place % _COLOURS}" + (f" dash{dash}" if dash else "")


def mean_and_spread(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Mean and standard error; the latter is NaN for one value."""
    values = np.asarray(values, "float64")
    spread = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return float(values.mean()), float(spread)


def titled(title: str, name: str, *content: Element) -> Element:
    """A section under a heading."""
    heading = element("h2", title, id=name)
    return element("section", heading, *content, aria_labelledby=name)
