"""The table of what an automatic choice tried."""

from dataclasses import replace

from experiments.made_up import comparison
from keras_mtkd.experiments.choosing import Choice, Trial
from keras_mtkd.experiments.report.choices import choices_section
from keras_mtkd.experiments.report.results import Results
from keras_mtkd.experiments.run import Run

CHOICE = Choice(
    "mine",
    [Trial(5, {"mine": -3.0, "scd": None}), Trial(30, {"uniform": -2.0, "mine": -1.5})],
    {"uniform": "Uniform", "mine": "My method", "scd": "SCD"},
)


def shown(runs):
    made = comparison({"single": [0.0], "auto": [-1.5]})
    made.runs = runs
    return choices_section(Results(made))


def test_rounds_down_the_rows_and_what_was_taken_in_bold():
    section = shown({("auto", 0): replace(Run(), choice=CHOICE.as_dict())})
    rows = [["".join(cell.itertext()) for cell in row] for row in section.findall(".//tbody/tr")]
    assert rows == [
        ["My method", "0", "5", "−3.0"],
        ["SCD", "0", "5", "–"],
        ["Uniform", "0", "30", "−2.0"],
        ["My method", "0", "30", "−1.5"],
    ]
    assert [bold.text for bold in section.findall(".//tbody//b")] == ["−1.5"]


def test_nothing_where_nothing_was_chosen():
    assert shown({("auto", 0): Run()}) is None
    assert shown({}) is None
