"""What is known before Keras is there is refused in the words of what knows it for sure."""

from pathlib import Path

import pytest

from keras_mtkd import datasets, experiments
from keras_mtkd.command_line import known


def words(call):
    with pytest.raises(ValueError) as raised:
        call()
    return str(raised.value)


@pytest.mark.parametrize("method", ["mtkld", "", "balancng"])
def test_methods(method):
    expected = words(lambda: experiments.methods.expand_methods(["single", method]))
    assert words(lambda: known.check_names("digits", None, ["single", method])) == expected
    known.check_names("digits", None, ["single", "balancing", "scd"])


def test_problems():
    expected = words(lambda: datasets.load("digts"))
    assert words(lambda: known.check_names("digts", None, [])) == expected
    known.check_names("nyuv2", Path(), [])


def test_methods_are_looked_up_after_a_problem_of_ones_own():
    known.check_names(f"{__file__}:anything", None, ["of_my_module"])


@pytest.mark.parametrize("problem", ["digits", f"{__file__}:anything"], ids=["known", "own"])
def test_methods_of_ones_own_are_looked_for(problem):
    known.check_names(problem, None, ["single", f"{__file__}:mine"])
    with pytest.raises(FileNotFoundError, match="There is no file 'no_file.py'"):
        known.check_names(problem, None, ["no_file.py:mine"])
    assert "Your own method: a module or a file, a colon" in words(
        lambda: known.check_names(problem, None, ["no_file.py"])
    )


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_rates(rate):
    expected = words(lambda: experiments.Settings(learning_rate=rate))
    assert words(lambda: known.check_rates({"learning_rate": rate})) == expected
    known.check_rates({"learning_rate": 1e-3, "adaptor_learning_rate": None})


def test_split():
    problem = datasets.digits(64, 64, 64)
    expected = words(lambda: experiments.compare(problem, ("single",), split="train"))
    assert words(lambda: known.check_split("train")) == expected
    known.check_split("validation")
