"""Rounds of trials, and what is taken in the end."""

import pytest

from keras_mtkd.experiments.choosing import Choice, Job, Trial, choosing
from keras_mtkd.experiments.run import Run

TITLES = {"uniform": "Uniform", "a": "A", "b": "B", "c": "C"}


def choose(changes, titles=TITLES, epochs=10, budget=30):
    """What is asked for and chosen if methods change by so much, whatever the epochs."""
    asking, asked, results = choosing(titles, 7, epochs, budget), [], None
    try:
        while True:
            jobs = asking.send(results)
            asked.append(jobs)
            results = {job: ({}, Run(change=changes[job.method])) for job in jobs}
    except StopIteration as end:
        return asked, end.value


def test_trials_then_the_best_of_them_beside_plain_training():
    asked, choice = choose({"uniform": -4.0, "a": -5.0, "b": -1.0, "c": -3.0})
    assert asked == [
        [Job("a", 7, 3), Job("b", 7, 3), Job("c", 7, 3)],
        [Job("uniform", 7), Job("b", 7)],
    ]
    assert choice.method == "b"
    assert choice.trials == [
        Trial(3, {"a": -5.0, "b": -1.0, "c": -3.0}),
        Trial(10, {"uniform": -4.0, "b": -1.0}),
    ]
    assert choice.epochs == 3 * 3 + 2 * 10
    assert choice.titles == TITLES


def test_two_rounds_where_there_are_epochs_for_them():
    titles = {"uniform": "Uniform", **{name: name for name in "abcdef"}}
    changes = {"uniform": 0.0, **{name: place for place, name in enumerate("abcdef")}}
    asked, choice = choose(changes, titles, 60, 180)
    assert [[job.method for job in jobs] for jobs in asked] == [
        list("abcdef"),
        ["f", "e"],
        ["uniform", "f"],
    ]
    assert choice.method == "f"


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({"uniform": 1.0, "a": 0.5, "b": 0.2, "c": 0.1}, "uniform"),
        ({"uniform": 1.0, "a": 1.0, "b": 1.0, "c": 1.0}, "uniform"),
        ({"uniform": None, "a": None, "b": -9.0, "c": -9.0}, "b"),
        ({"uniform": None, "a": None, "b": None, "c": None}, "uniform"),
    ],
    ids=["plain", "equal", "diverged", "all-diverged"],
)
def test_plain_unless_another_is_better(changes, taken):
    assert choose(changes)[1].method == taken


def test_only_what_was_trained_is_told():
    asked, choice = choose(dict.fromkeys(TITLES, 0.0), epochs=1, budget=3)
    assert asked == [[Job("uniform", 7), Job("a", 7)]]
    assert choice.titles == {"uniform": "Uniform", "a": "A"}
    assert Choice.from_dict(choice.as_dict()) == choice
