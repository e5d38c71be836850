"""Means of losses in logs: their names, and what is known of labels."""

import keras
import numpy as np
import pytest
from helpers import toy_losses

import keras_mtkd as mtkd
from keras_mtkd.distillers import loss_trackers
from keras_mtkd.distillers.terms import Term


def seen_in(*batches):
    """What was noted of batches `{task: whether one has a label}`, of two tasks."""
    seen = loss_trackers.LabelsSeen(["a", "b"])
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


def test_names_in_logs():
    ways = [mtkd.FeatureDistillation("features"), mtkd.LogitDistillation(["a"])]
    terms = [Term("a", ways[0]), Term("b", ways[0]), Term("a", ways[1])]
    # Single terms only where a task has several.
    assert list(loss_trackers.distance_means(terms)) == [
        "a_distillation_loss",
        "b_distillation_loss",
        "a_features_distillation_loss",
        "a_logits_distillation_loss",
    ]
    assert list(loss_trackers.loss_means(toy_losses())) == ["a_loss", "b_loss"]
    assert list(loss_trackers.single_loss_means(["a"])) == ["a_single_loss"]
    assert list(loss_trackers.weight_means(["a"])) == ["a_loss_weight"]


def test_values_without_a_mean_are_passed_over():
    means = {"a_loss": keras.metrics.Mean(name="a_loss")}
    for name, value, count in (("a_loss", 1.0, 3), ("a_loss", 5.0, 1), ("b_loss", 7.0, 1)):
        loss_trackers.record(means, name, np.float32(value), count)
    assert float(means["a_loss"].result()) == pytest.approx(2.0)
