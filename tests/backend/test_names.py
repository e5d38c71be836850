"""Names that every backend takes, and what is said of unknown ones."""

import numpy as np
import pytest
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd import distribution, experiments, plots, scheduling, selection
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


ALIKE = np.eye(3)
SUMS = dict.fromkeys("abc", 1.0)


# Each would find its names among the letters, or something to say of a letter.
@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("tasks", lambda: selection.uncertain_samples(None, None, "abc")),
        ("tasks", lambda: mtkd.LogitDistillation("abc")),
        ("tasks", lambda: scheduling.group_tasks(ALIKE, "abc")),
        ("tasks", lambda: scheduling.select_groups(ALIKE, 1, "abc")),
        ("tasks", lambda: plots.plot_similarity(ALIKE, "abc")),
        ("blocks", lambda: plots.plot_similarity(ALIKE, ["a", "b", "c"], "abc")),
        (r"blocks\[1\]", lambda: plots.plot_similarity(ALIKE, ["a", "b", "c"], [["a"], "bc"])),
        (r"blocks\[0\]", lambda: scheduling.distillation_queue(["ab", ["c"]], SUMS)),
        (r"queue\[1\]", lambda: scheduling.stage_starts([["a"], "bc"], 4)),
        ("queue", lambda: scheduling.stage_weights("abc", 0, 4)),
        (r"queue\[0\]", lambda: plots.plot_schedule(["abc"], history={})),
        (r"blocks\[0\]", lambda: mtkd.callbacks.SequentialDistillation(blocks=["abc"])),
        ("queue", lambda: mtkd.callbacks.SequentialDistillation(queue="abc")),
        ("metrics", lambda: mtkd.Task("a", None, "mse", "mae")),
        ("taps", lambda: mtkd.Problem("p", [], None, None, None, taps="features")),
        ("parts", lambda: tiny_problem().fingerprint(parts="train")),
        ("methods", lambda: experiments.compare(None, "uniform")),
        ("methods", lambda: experiments.Comparison({}, "uniform", [])),
        ("hosts", lambda: distribution.launch(["true"], hosts="a:1")),
    ],
)
def test_one_text_is_not_several_names(argument, call):
    with pytest.raises(TypeError, match=f"`{argument}` must be several names.*Received: "):
        call()
