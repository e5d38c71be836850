"""Means of losses in logs: their names, and what a mean without labels is."""

import keras
import numpy as np
import pytest
from helpers import toy_losses

import keras_mtkd as mtkd
from keras_mtkd.distillers import loss_trackers
from keras_mtkd.distillers.terms import Term


def mean_of(*batches):
    """The mean of a task's loss after batches `(value, samples, whether one has a label)`."""
    mean = loss_trackers.loss_means(["a"])["a_loss"]
    for value, samples, labelled in batches:
        mean.update_state(np.float32(value), sample_weight=samples)
        if labelled is not None:
            mean.note(np.array(labelled))
    return mean


def test_the_mean_over_samples():
    assert float(mean_of((1.0, 3, True), (5.0, 1, True)).result()) == pytest.approx(2.0)
    assert float(mean_of((1.0, 3, None), (5.0, 1, None)).result()) == pytest.approx(2.0)


def test_nan_after_batches_without_any_label():
    mean = mean_of((0.0, 3, False), (0.0, 1, False))
    assert np.isnan(float(mean.result()))
    assert mean.saw_labels() is False


def test_one_label_is_enough():
    mean = mean_of((4.0, 1, True), (0.0, 1, False))
    assert float(mean.result()) == pytest.approx(2.0)
    assert mean.saw_labels() is True


def test_begun_anew():
    mean = mean_of((0.0, 3, False))
    mean.reset_state()
    assert mean.saw_labels() is None
    mean.update_state(np.float32(3.0))
    assert float(mean.result()) == pytest.approx(3.0)


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
