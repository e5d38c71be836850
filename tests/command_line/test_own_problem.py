"""A problem of the user's own."""

import pytest

from keras_mtkd.command_line.own_problem import load


def test_what_is_no_problem_is_told(tmp_path):
    (tmp_path / "numbers_file.py").write_text("def number():\n    return 3")
    given = f"{tmp_path}/numbers_file.py:number"
    with pytest.raises(ValueError, match=r"must return a `keras_mtkd.Problem`. It returned int"):
        load(given)
