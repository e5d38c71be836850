"""Distillation losses of Keras as ways of distilling."""

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.distillation.keras_loss import is_keras_distillation_loss

LOGITS = keras.distillation.LogitsDistillation(temperature=2.0)
FEATURES = keras.distillation.FeatureDistillation("mse", "theirs", "mine")


def test_its_value_is_that_of_the_loss():
    generator = np.random.default_rng(0)
    teacher, student = (generator.normal(size=(4, 3)).astype("float32") for _ in range(2))
    distance = mtkd.KerasDistillation(LOGITS).distance("a", None)
    expected = np.mean(LOGITS.compute_loss(teacher, student))
    assert float(distance(teacher, student)) == pytest.approx(float(expected), rel=1e-6)


def test_names_of_layers_are_taps():
    way = mtkd.KerasDistillation(FEATURES)
    assert (way.student_tap("a"), way.teacher_tap("a")) == ("mine", "theirs")
    assert not way.compares_predictions("a")
    assert mtkd.KerasDistillation(LOGITS).compares_predictions("a")


def test_it_is_called_as_the_class_of_the_loss():
    assert mtkd.KerasDistillation(LOGITS).name == "logitsdistillation"
    assert mtkd.KerasDistillation(LOGITS, name="soft").name == "soft"
    assert mtkd.KerasDistillation(LOGITS).use_sample_weight is False


def test_saved_with_its_loss():
    way = mtkd.KerasDistillation(LOGITS, ["a"], {"a": 2.0}, "soft", {"a": True})
    config = keras.saving.serialize_keras_object(way)
    again = keras.saving.deserialize_keras_object(config)
    assert again.loss.temperature == 2.0
    assert (again.tasks, again.weight, again.name) == (["a"], {"a": 2.0}, "soft")
    assert again.teacher_from_logits == {"a": True}


def test_what_is_one():
    assert is_keras_distillation_loss(LOGITS)
    assert not is_keras_distillation_loss(keras.losses.MeanSquaredError())
    with pytest.raises(TypeError, match="must be a `keras.distillation.DistillationLoss`"):
        mtkd.KerasDistillation("mse")
