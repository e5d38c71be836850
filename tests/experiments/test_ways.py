"""The ways of distilling that methods share."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from helpers import toy_losses, toy_model
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.experiments import Settings, ways
from keras_mtkd.experiments.methods import METHODS


def test_no_way_at_all():
    assert ways.nothing(tiny_problem(), Settings()) == []


def test_features_at_every_tap_of_the_problem():
    problem = SimpleNamespace(taps=("one", "other"))
    settings = Settings(weight={"a": 2.0, "b": 3.0})
    found = ways.features(problem, settings, use_sample_weight=False)
    assert [type(way) for way in found] == [mtkd.FeatureDistillation] * 2
    configs = [way.get_config() for way in found]
    assert [config["student_layer"] for config in configs] == ["one", "other"]
    for config in configs:
        assert config["weight"] == {"a": 2.0, "b": 3.0}
        assert config["use_sample_weight"] is False
        assert config["adaptor_regularizer"] is None


def test_predictions_of_all_tasks_at_the_settings_temperature():
    (way,) = ways.logits(tiny_problem(), Settings(logit_weight=0.5, temperature=3.0))
    assert isinstance(way, mtkd.LogitDistillation)
    config = way.get_config()
    assert (config["weight"], config["temperature"]) == (0.5, 3.0)
    assert config["use_sample_weight"] is True


def test_the_penalty_of_adaptors_is_half_the_decay_times_their_squares():
    problem = tiny_problem()
    (way,) = METHODS["mtlkd"].distillation(problem, Settings(adaptor_weight_decay=0.5))
    teachers = {"a": toy_model(("a",)), "b": toy_model(("b",))}
    losses = []
    for used in ([way], [mtkd.FeatureDistillation("features", weight=way.weight)]):
        keras.utils.set_random_seed(0)
        model = mtkd.MultiTaskDistiller(toy_model(), teachers, used)
        model.compile(keras.optimizers.SGD(0.0), loss=toy_losses())
        x = np.ones((4, 6), "float32")
        y = {"a": np.zeros(4, "int32"), "b": np.zeros((4, 1), "float32")}
        losses.append(model.train_on_batch(x, y, return_dict=True)["loss"])
        squares = sum(float((np.array(a.kernel) ** 2).sum()) for a in model.adaptors.values())
    assert losses[0] - losses[1] == pytest.approx(0.25 * squares, rel=1e-4)
    revived = mtkd.FeatureDistillation.from_config(way.get_config())
    assert revived.get_config() == way.get_config()
