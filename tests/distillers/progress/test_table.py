"""Numbers below each other."""

import numpy as np
import pytest

from keras_mtkd.distillers.progress.table import short, table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0977, "0.0977"),
        (0.5, "0.500"),
        (0.0, "0.00"),
        (1.0, "1.00"),
        (-136.08, "-136"),
        (999.9, "1000"),
        (86895.0, "86895"),
        (2.5e6, "2.50e+06"),
        (1.2e-7, "1.20e-07"),
        (np.nan, "nan"),
        (np.inf, "inf"),
        (None, "-"),
    ],
)
def test_three_digits(value, text):
    assert short(value) == text


def test_columns_stand_below_their_titles():
    assert table(["a", "longer"], {"train": ["0.123", "1"], "val": ["1", "-"]}, 80).split("\n") == [
        "           a  longer",
        "train  0.123       1",
        "val        1       -",
    ]


@pytest.mark.parametrize(("width", "parts"), [(80, 1), (21, 1), (20, 2), (14, 2), (13, 3), (1, 3)])
def test_too_wide_a_table_goes_on_below(width, parts):
    titles = ["first", "second", "3"]
    lines = table(titles, {"val": ["1", "2", "4"]}, width).split("\n")
    assert len(lines) == 2 * parts
    assert " ".join(lines[::2]).split() == titles
    assert [cell for line in lines[1::2] for cell in line.split()[1:]] == ["1", "2", "4"]
    if width > 10:
        assert max(map(len, lines)) <= width
