"""Means of losses in logs, and their names."""

import keras
import numpy as np
import pytest
from helpers import toy_losses

import keras_mtkd as mtkd
from keras_mtkd.distillers import loss_trackers
from keras_mtkd.distillers.terms import Term


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
