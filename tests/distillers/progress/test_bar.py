"""Keras' bar with a few of the logs, told what happens without a `fit`."""

import keras
import pytest

from keras_mtkd.distillers.progress.bar import ShortBar
from keras_mtkd.distillers.progress.columns import candidates

METRICS = {"a": ["accuracy", "f1"], "b": "mae"}
TRAIN = {"a_accuracy": 0.5, "a_f1": 0.25, "a_loss": 1.0, "b_loss": 2.0, "b_mae": 3.0, "loss": 3.0}
LOGS = {**TRAIN, **{f"val_{name}": value + 1 for name, value in TRAIN.items()}, "stage": 3.0}


@pytest.fixture(autouse=True)
def width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def bar(verbose=1, tasks=("a", "b"), **params):
    made = ShortBar(candidates(tasks, METRICS))
    made.set_params({"verbose": verbose, "epochs": 2, "steps": 2, **params})
    return made


def an_epoch(shown, logs=LOGS, number=0, ends=(0, 1)):
    shown.on_epoch_begin(number)
    for end in ends:
        shown.on_train_batch_end(end, TRAIN)
    shown.on_epoch_end(number, logs)


def fields(text):
    """Names behind the last bar."""
    line = [line for line in text.split("\n") if "/step" in line][-1].split("\r")[-1]
    return [part.split(":")[0] for part in line.split(" - ") if ":" in part]


@pytest.mark.parametrize("verbose", [1, 2, "auto", True])
def test_an_epoch(capsys, verbose):
    shown = bar(verbose)
    shown.on_train_begin()
    an_epoch(shown)
    first = capsys.readouterr().out
    an_epoch(shown, number=1)
    second = capsys.readouterr().out
    assert fields(first) == fields(second) == ["loss", "val_loss"]
    rows = [
        "           a     b",
        "train  0.500  3.00",
        "val     1.50  4.00",
    ]
    assert first.split("\n")[-5:] == [*rows, "Scores: accuracy of a; mae of b.", ""]
    assert second.split("\n")[-4:] == [*rows, ""]
    assert "f1" not in first + second
    assert "stage" not in first + second


def test_an_epoch_without_validation_has_no_row_of_it(capsys):
    an_epoch(bar(), TRAIN)
    assert "val" not in capsys.readouterr().out


def test_one_task_is_in_the_line(capsys):
    logs = {"loss": 1.0, "a_loss": 1.0, "accuracy": 0.5, "f1": 0.5, "val_accuracy": 0.5}
    an_epoch(bar(tasks=("a",)), logs)
    text = capsys.readouterr().out
    assert fields(text) == ["loss", "accuracy", "val_accuracy"]
    assert "Scores" not in text


def test_silent(capsys):
    an_epoch(bar(0))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("ends", [(1,), (0,), ()])
def test_epochs_of_other_steps(capsys, ends):
    # As with several steps an execution, or where the data end early.
    an_epoch(bar(), ends=ends)
    assert "train  0.500  3.00" in capsys.readouterr().out


def test_the_number_of_steps_may_be_unknown(capsys):
    shown = bar(2, steps=None)
    an_epoch(shown)
    text = capsys.readouterr().out
    assert "2/2" in text
    assert "train  0.500  3.00" in text


def test_an_evaluation_of_its_own(capsys):
    shown = bar(1)
    shown.on_test_begin()
    for end in (0, 1):
        shown.on_test_batch_end(end, TRAIN)
    shown.on_test_end(TRAIN)
    text = capsys.readouterr().out
    assert fields(text) == ["loss"]
    assert "eval  0.500  3.00" in text


def test_an_evaluation_within_fit_is_silent(capsys):
    shown = bar(1)
    shown.on_train_begin()
    shown.on_test_begin()
    shown.on_test_batch_end(0, TRAIN)
    shown.on_test_end(TRAIN)
    assert capsys.readouterr().out == ""


def test_the_logs_stay_as_they_are():
    logs = dict(LOGS)
    an_epoch(bar(2), logs)
    assert list(logs.items()) == list(LOGS.items())


def test_where_keras_logs_the_table_does_too(capsys, caplog):
    keras.config.disable_interactive_logging()
    try:
        with caplog.at_level("INFO"):
            an_epoch(bar(2))
    finally:
        keras.config.enable_interactive_logging()
    assert capsys.readouterr().out == ""
