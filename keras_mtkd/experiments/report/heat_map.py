"""A matrix as a table whose cells are coloured, which every reader can read."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.numbers import number


def heat_map(name: str, caption: str, tasks: Sequence[str], matrix: np.ndarray) -> Element:
    """One row and one column a task, the deeper the colour the more alike.

    Args:
        name: Identifier of the caption.
        caption: What the matrix is.
        tasks: Names of rows and columns.
        matrix: `(tasks, tasks)`.
    """
    heads = [element("th", task, scope="col") for task in tasks]
    rows = [
        element("tr", element("th", task, scope="row"), *map(_cell, values))
        for task, values in zip(tasks, matrix.tolist(), strict=True)
    ]
    made = element(
        "table",
        element("caption", element("span", caption), id=name),
        element("thead", element("tr", element("td"), *heads)),
        element("tbody", *rows),
        class_="heat",
    )
    return element("div", made, class_="scroll", role="region", aria_labelledby=name, tabindex="0")


def _cell(value: float) -> Element:
    share = min(max(value, 0.0), 1.0) if np.isfinite(value) else 0.0
    return element("td", number(value, 2), style=f"--share:{share:.3f}")
