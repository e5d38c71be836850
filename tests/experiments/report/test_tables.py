"""Tables: what they show, and by what they are sorted."""

import pytest

from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.tables import Cell, Column, table

COLUMNS = [
    Column("Name", "text", "ascending"),
    Column("Score", note="lower is better", best="ascending"),
    Column("Picture", "figure"),
]
ROWS = [
    [Cell(["one"]), Cell(["1.5"], 1.5), Cell([element("svg")])],
    [Cell(["two"], "2nd"), Cell(["–"], float("nan")), Cell([element("svg")])],
]


def made(rows=ROWS, **options):
    return table("scores", "All scores", COLUMNS, rows, **options).find("table")


def test_the_first_column_names_the_rows():
    rows = list(made().find("tbody"))
    assert [[cell.tag for cell in row] for row in rows] == [["th", "td", "td"]] * 2
    assert [row[0].get("scope") for row in rows] == ["row", "row"]
    assert [row[1].text for row in rows] == ["1.5", "–"]


def test_cells_are_sorted_by_their_values_and_what_is_not_finite_by_none():
    values = [[cell.get("data-value") for cell in row] for row in made().find("tbody")]
    assert values == [[None, "1.5", None], ["2nd", "", None]]


def test_columns_tell_how_they_are_sorted_and_pictures_are_not():
    heads = list(made().find("thead/tr"))
    assert [head.get("data-kind") for head in heads] == ["text", "number", None]
    assert [head.get("data-best") for head in heads] == ["ascending", "ascending", None]
    assert [head.get("class") for head in heads] == ["text", "number", "figure"]
    assert heads[1].find("span/small").text == "lower is better"
    assert heads[0].find("span/small") is None


def test_one_row_is_not_to_be_sorted():
    assert "sortable" in made().get("class")
    assert made(ROWS[:1]).get("class") == "stacks"


def test_what_a_phone_cannot_show_beside_each_other_is_stacked_with_heads():
    cells = list(made().find("tbody/tr"))
    assert [cell.get("data-head") for cell in cells] == [None, "Score", "Picture"]
    assert [cell.get("role") for cell in cells] == ["rowheader", "cell", "cell"]
    narrow = table("two", "Two", COLUMNS[:2], [row[:2] for row in ROWS]).find("table")
    assert narrow.get("class") == "sortable"


def test_a_foot_is_hidden_from_screen_readers():
    row = made(foot=[["%"], [element("b", "axis")], []]).find("tfoot/tr")
    assert row.get("aria-hidden") == "true"
    assert [cell.text for cell in row] == ["%", None, None]
    assert made().find("tfoot") is None


def test_the_region_that_scrolls_is_named_and_reached_by_keyboard():
    region = table("scores", "All scores", COLUMNS, ROWS)
    assert (region.get("role"), region.get("tabindex")) == ("region", "0")
    caption = region.find("table/caption")
    assert region.get("aria-labelledby") == caption.get("id") == "scores"
    assert caption[0].text == "All scores"


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="argument 2 is longer"):
        made([ROWS[0][:2]])
