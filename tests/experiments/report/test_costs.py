"""Size and time of a prediction on the page."""

from experiments.made_up import comparison
from experiments.reports import made_up
from keras_mtkd.experiments.report.costs import costs_section
from keras_mtkd.experiments.report.results import Results


def rows_of(section):
    rows = section.find("div/table/tbody")
    return [["".join(cell.itertext()) for cell in row] for row in rows]


def test_students_stand_beside_the_models_of_one_task():
    rows = rows_of(costs_section(Results(made_up())))
    assert rows[0] == ["Single", "51,000", "100 %", "0.92 ±0.01", "100 %", "0.0 ±10.0"]
    assert rows[3] == ["SCD", "8,840", "17 %", "0.31 ±0.01", "34 %", "+10.0 ±0.0"]


def test_what_is_not_known_is_a_dash():
    made = comparison({"single": [0], "uniform": [1], "scd": [2]}, {"scd": (1200, 0.5)})
    assert rows_of(costs_section(Results(made)))[1:] == [
        ["Uniform", "–", "–", "–", "–", "+1.0"],
        ["SCD", "1,200", "–", "0.50 ±0.05", "–", "+2.0"],
    ]
    small = comparison({"single": [0], "scd": [2]}, {"single": (1000, 1.0), "scd": (15, 0.5)})
    assert rows_of(costs_section(Results(small)))[1][2] == "1.5 %"


def test_there_is_no_section_where_nothing_is_known():
    assert costs_section(Results(comparison({"single": [0], "scd": [2]}))) is None


def test_changes_are_named_by_what_they_are_relative_to():
    made = comparison({"single": [0], "scd": [2]}, {"scd": (9, 1.0)}, {"single": "Teachers"})
    section = costs_section(Results(made))
    assert section.find("p").text.startswith("Of the teachers all together")
    assert [note.text for note in section.iter("small")].count("of the teachers") == 2
