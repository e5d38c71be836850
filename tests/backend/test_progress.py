"""How far trainings are: lines in a log, one line in a terminal, nothing where nobody asks."""

import functools
import io
import re

import pytest
from rich.console import Console

from keras_mtkd._backend import progress
from keras_mtkd._backend.progress import Event

TWO = [
    Event("begins", "teachers"),
    Event("goes on", "teachers", 0.5),
    Event("goes on", "teachers", 0.5),
    Event("ends", "teachers", 0.0, 12.4),
    Event("kept", "SCD", 1.0),
]


@pytest.fixture
def console(monkeypatch, request):
    text = io.StringIO()
    made = functools.partial(
        Console, file=text, force_terminal=request.param, width=80, color_system=None
    )
    monkeypatch.setattr(progress, "Console", made)
    return text


def play(verbose, trainings=2):
    with progress.shown(trainings, verbose):
        for event in TWO:
            progress.tell(event)


@pytest.mark.parametrize("console", [False], indirect=True)
@pytest.mark.parametrize("verbose", ["auto", 1, 2])
def test_a_log_has_a_line_a_training(console, verbose):
    play(verbose)
    assert console.getvalue() == " 50%  teachers: 12 s\n100%  SCD: kept from before\n"


@pytest.mark.parametrize("console", [True], indirect=True)
def test_a_terminal_has_one_line_with_the_time_left(console):
    play("auto", trainings=4)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.getvalue())
    frames = [frame for frame in re.split(r"[\r\n]+", text) if "%" in frame]
    assert frames
    assert all(len(frame) <= 80 and frame.rstrip().endswith("left") for frame in frames)
    assert "50%" in frames[-1]


@pytest.mark.parametrize("console", [False, True], indirect=True)
def test_silence(console):
    play(0)
    assert console.getvalue() == ""


@pytest.mark.parametrize("console", [False], indirect=True)
def test_what_is_part_of_something_shown_is_not_shown_by_itself(console):
    heard = []
    with progress.told_to(heard.append), progress.named("seed 3: "):
        play("auto")
    assert console.getvalue() == ""
    assert {event.training for event in heard} == {"seed 3: teachers", "seed 3: SCD"}
    with progress.told_to(progress.ignored):
        play("auto")
    assert console.getvalue() == ""
    assert progress.listener() is None


def test_the_live_line_names_all_that_runs():
    bar = progress._bar(Console(file=io.StringIO()))
    live = progress._Live(bar, 4)
    for event in (Event("begins", "a"), Event("begins", "b"), Event("goes on", "b", 0.5)):
        live(event)
    assert bar.tasks[0].description == "a, b"
    assert bar.tasks[0].completed == 0.5
    live(Event("ends", "a", 1.0, 3.0))
    assert bar.tasks[0].description == "b"
    assert bar.tasks[0].percentage == pytest.approx(37.5)
