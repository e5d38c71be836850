"""Tables that can be sorted, scrolled and read aloud."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from keras_mtkd.experiments.report.elements import Content, element

_MOST_ON_A_PHONE = 2


@dataclass(frozen=True)
class Cell:
    """What a cell shows and by what it is sorted.

    Args:
        content: Texts and elements.
        value: Number or text to sort by; `None` leaves it to the text shown. What is not finite
            comes last.
    """

    content: Sequence[Content]
    value: float | str | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        head: Its title.
        kind: `"text"` or `"number"`, by which rows can be sorted; `"fixed"` (a text) or `"figure"`.
        best: `"descending"` where the largest value is the best, else `"ascending"`; the first
            click brings the best to the top.
        note: A second line below the title.
    """

    head: str
    kind: str = "number"
    best: str = "descending"
    note: str = ""


def table(
    name: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    foot: Sequence[Sequence[Content]] = (),
) -> Element:
    """A table in a region that scrolls where it is too wide.

    On a phone the cells of a row stand below each other, with the heads of their columns.

    Args:
        name: Identifier of the caption.
        caption: What the table shows.
        columns: Its columns; the first names the rows.
        rows: One list of cells a row.
        foot: Content of cells below, which stays there; hidden from screen readers.
    """
    heads = [_head(column) for column in columns]
    body = [
        element(
            "tr",
            *(_cell(cell, column, not n) for n, (cell, column) in _pairs(row, columns)),
            role="row",
        )
        for row in rows
    ]
    parts = [
        element("caption", element("span", caption), id=name),
        element("thead", element("tr", *heads, role="row"), role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
    ]
    if foot:
        cells = [element("td", *content) for content in foot]
        parts.append(element("tfoot", element("tr", *cells, aria_hidden="true")))
    kinds = ["sortable"] * (len(rows) > 1) + ["stacks"] * (len(columns) > _MOST_ON_A_PHONE)
    # Where a style sheet stacks cells, browsers no longer take them for those of a table.
    made = element("table", *parts, class_=" ".join(kinds) or None, role="table")
    # A region that scrolls must be reachable without a mouse.
    return element("div", made, class_="scroll", role="region", aria_labelledby=name, tabindex="0")


def _pairs(row: Sequence[Cell], columns: Sequence[Column]) -> list[tuple[int, tuple[Cell, Column]]]:
    return list(enumerate(zip(row, columns, strict=True)))


def _head(column: Column) -> Element:
    sorts = column.kind in ("text", "number")
    note = [element("small", column.note)] if column.note else []
    return element(
        "th",
        element("span", element("span", column.head, class_="head"), *note),
        scope="col",
        role="columnheader",
        class_=column.kind,
        data_kind=column.kind if sorts else None,
        data_best=column.best if sorts else None,
    )


def _cell(cell: Cell, column: Column, first: bool) -> Element:
    value = cell.value
    if isinstance(value, float) and not math.isfinite(value):
        value = ""
    attributes = {"class_": column.kind, "data_value": value}
    if first:
        return element("th", *cell.content, scope="row", role="rowheader", **attributes)
    return element("td", *cell.content, role="cell", data_head=column.head, **attributes)
