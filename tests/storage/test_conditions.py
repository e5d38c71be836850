"""What is told where something was made under other conditions."""

from pathlib import Path

import keras
import pytest

import keras_mtkd as mtkd
from keras_mtkd._storage.conditions import check_same, note_versions

PATH = Path("folder") / "what.json"
NOW = {"epochs": 2, "backbone": "aa", "tasks": {"head of a": "bb", "loss of a": "cc"}}


def check(kept, now=NOW, before=None):
    check_same(PATH, kept, lambda: now, lambda: before or {})


def told(*arguments, **named):
    with pytest.raises(ValueError, match="made under other conditions") as error:
        check(*arguments, **named)
    return str(error.value)


def kept_by(**versions):
    kept = note_versions(NOW)
    return {**kept, "kept_by": {**kept["kept_by"], **versions}}


def test_versions_are_noted_and_make_no_difference():
    assert note_versions(NOW)["kept_by"]["Keras"] == keras.__version__
    assert note_versions(NOW)["kept_by"]["keras_mtkd"] == mtkd.__version__
    assert "Kept by Python 3.1, now 3." in told(kept_by(Python="3.1"), {**NOW, "epochs": 3})
    check(note_versions(NOW))
    check(kept_by(Keras="3.15.1"))


def test_every_difference_is_named():
    text = told(
        note_versions(NOW), {**NOW, "epochs": 3, "tasks": {"head of a": "bb", "loss of a": "dd"}}
    )
    assert text == (
        "'folder' was made under other conditions (epochs: kept 2, now 3; tasks, loss of a: kept "
        "'cc', now 'dd'). Use another directory, delete this one, or go back to those conditions."
    )


def test_what_is_missing_is_none():
    assert "(seed: kept None, now 1)" in told(note_versions(NOW), {**NOW, "seed": 1})
    assert "epochs: kept None, now 2" in told([], before=NOW)


def test_another_version_of_keras_is_named():
    text = told(kept_by(Keras="3.14.0"), {**NOW, "backbone": "ab"})
    assert "backbone: kept 'aa', now 'ab'" in text
    assert f"Kept by Keras 3.14.0, now {keras.__version__}: where fingerprints alone differ" in text
    text = told(kept_by(Keras="3.14.0", keras_mtkd="0.0.9"), {**NOW, "backbone": "ab"})
    assert f"Keras 3.14.0, now {keras.__version__} and keras_mtkd 0.0.9, now" in text


def test_what_noted_nothing_is_held_against_what_was_told_then():
    old = {"epochs": 2, "tasks": "ee"}
    check(old, before=old)
    text = told(old, before={"epochs": 2, "tasks": "ef"})
    assert "tasks: kept 'ee', now 'ef'" in text
    assert "an earlier version, which did not note that of Keras" in text
