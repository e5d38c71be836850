"""The numbers of a comparison in the order in which the page shows them."""

from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from keras_mtkd.experiments.compared import Compared
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.tables import Cell
from keras_mtkd.experiments.verdict import ranking
from keras_mtkd.plots.colours import places


class Results:
    """Scores and changes of a comparison, seed by seed.

    Args:
        comparison: The comparison.

    Attributes:
        scores: Pandas frame as `Comparison.scores` gives it.
        changes: The same in percent over single-task models; Δ_MTL is their mean.
        base: What single-task models are called here.
        seeds: All seeds.
    """

    def __init__(self, comparison: Compared) -> None:
        self.comparison = comparison
        self.tasks, self.methods = comparison.tasks, comparison.methods
        self.scores = comparison.scores()
        self.changes = comparison.changes()
        self.base = comparison.base_title()
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

    def first(self) -> str | None:
        """The multi-task method with the largest mean Δ_MTL, clearly the best or not."""
        return next(iter(ranking(self.comparison)), None)

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
        colour, rounds = places(self.methods)[method]
        return f"colour{colour}" + (f" dash{rounds % 3}" if rounds % 3 else "")


def titled(title: str, name: str, *content: Element) -> Element:
    """A section under a heading."""
    heading = element("h2", title, id=name)
    return element("section", heading, *content, aria_labelledby=name)
