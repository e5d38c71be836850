"""Names that every backend takes, and what is said of unknown ones."""

import pytest

from keras_mtkd._backend.names import unknown, valid_name, valid_names

# "x/y" and "x y" differ only in what names of layers cannot have.
TASKS = ("left digit", "a/b", "x.y", "x/y", "_größe", "x y")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("plain", "plain"),
        ("a b/c", "a_b_c"),
        ("größe", "gr__e"),
        ("_x", "n_x"),
        ("", "n"),
        (".", "n."),
    ],
)
def test_other_characters_become_underscores_and_a_letter_or_digit_comes_first(text, name):
    assert valid_name(text) == name


def test_names_are_valid_and_different():
    names = valid_names(TASKS)
    assert list(names) == list(TASKS)
    assert len(set(names.values())) == len(TASKS)
    assert all(name == valid_name(name) for name in names.values())
    assert names["left digit"] == "left_digit"
    assert names["x.y"] == "x.y"


def test_names_that_something_else_has_are_left_to_it():
    assert valid_names(["a", "a_"], taken=["a"]) == {"a": "a_", "a_": "a__"}


def test_an_unknown_name_is_told_with_the_nearest_or_with_all():
    known = iter(["single", "mtlkd"])
    assert unknown("method", "mtlk", known) == (
        "There is no method 'mtlk'. Did you mean 'mtlkd'? Known: single, mtlkd."
    )
    assert unknown("problem", "zzz", ["rooms"]) == "There is no problem 'zzz'. Known: rooms."
