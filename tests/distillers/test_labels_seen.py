"""What an evaluation finds of labels, of batches that are told."""

import warnings

import numpy as np
import pytest

from keras_mtkd.distillers.labels_seen import LabelsSeen


def seen_in(*batches):
    """What was noted of batches `{task: whether one has a label}`, of two tasks."""
    seen = LabelsSeen(["a", "b"])
    for labelled in batches:
        seen.update_state({task: np.array(found) for task, found in labelled.items()})
    return seen


def test_nan_of_a_task_that_was_found_to_have_no_label():
    seen = seen_in({"a": False, "b": False}, {"a": False, "b": True})
    marked = seen.mark({"a_loss": np.float32(1), "b_loss": np.float32(2), "loss": np.float32(3)})
    assert {name: float(value) for name, value in marked.items()} == pytest.approx(
        {"a_loss": np.nan, "b_loss": 2.0, "loss": 3.0}, nan_ok=True
    )
    assert seen.found() == {"a": False, "b": True}


def test_one_label_is_enough_whatever_comes_after_it():
    seen = seen_in({"a": True}, {"a": False})
    marked = seen.mark({"a_loss": np.float32(1), "b_loss": np.float32(2)})
    assert [float(value) for value in marked.values()] == [1.0, 2.0]
    # Nothing was looked for of the other.
    assert seen.found() == {"a": True, "b": None}


def test_begun_anew():
    seen = seen_in({"a": False})
    seen.reset_state()
    assert seen.found() == {"a": None, "b": None}
    assert float(seen.mark({"a_loss": np.float32(1), "b_loss": np.float32(2)})["a_loss"]) == 1.0


def test_in_logs_it_has_no_value_of_its_own_and_in_a_reset_one_variable():
    seen = seen_in({"a": True})
    assert seen.result() == {}
    assert len(seen.variables) == 1


def test_fit_warns_of_a_task_once_and_evaluations_by_themselves_always():
    seen = seen_in({"a": False, "b": True})
    with pytest.warns(UserWarning, match=r"no label of \['a'\] in this evaluation"):
        seen.warn(seen.found(), in_fit=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        seen.warn(seen.found(), in_fit=True)
    seen.reset_state()
    seen.update_state({"a": np.array(False), "b": np.array(False)})
    with pytest.warns(UserWarning, match=r"no label of \['b'\] in"):
        seen.warn(seen.found(), in_fit=True)
    for _ in range(2):
        with pytest.warns(UserWarning, match=r"no label of \['a', 'b'\] in"):
            seen.warn(seen.found(), in_fit=False)


def test_tasks_that_were_not_looked_for_bring_no_warning():
    seen = seen_in({"a": True})
    assert seen.found() == {"a": True, "b": None}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        seen.warn(seen.found(), in_fit=False)


def test_reading_is_silent():
    seen = seen_in({"a": True})
    with warnings.catch_warnings():
        # Of a copy that a variable of Keras does not offer to NumPy.
        warnings.simplefilter("error", DeprecationWarning)
        assert seen.found()["a"]
