"""A problem of the user's own."""

import pytest

from keras_mtkd.command_line.own_problem import is_own, load


@pytest.mark.parametrize(
    ("given", "own"),
    [("digits", False), ("module:function", True), ("C:\\x.py:f", True), ("x.py", True)],
)
def test_what_is_a_problem_of_ones_own(given, own):
    assert is_own(given) == own


def test_what_is_no_problem_is_told(tmp_path):
    (tmp_path / "numbers_file.py").write_text("def number():\n    return 3")
    given = f"{tmp_path}/numbers_file.py:number"
    with pytest.raises(ValueError, match=r"must return a `keras_mtkd.Problem`. It returned int"):
        load(given)
