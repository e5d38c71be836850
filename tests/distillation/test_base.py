"""What all ways of distilling have in common: their settings, and which of them are refused."""

import keras
import numpy as np
import pytest
from helpers import toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.distillation.base import per_sample

WAYS = [
    mtkd.FeatureDistillation(
        "x.y", {"a": "z"}, ["a"], {"a": 2.0}, keras.layers.Dense(3), "mse", False, "n"
    ),
    mtkd.FeatureDistillation("features"),
    mtkd.LogitDistillation(["a"], 0.5, 2.0, keras.losses.MeanSquaredError(), False, "soft"),
    mtkd.KerasDistillation(keras.distillation.LogitsDistillation(3.0, "mse"), ["b"], {"b": 3.0}),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: type(way).__name__)
def test_config_makes_an_equal_object(way):
    config = keras.saving.serialize_keras_object(way)
    revived = keras.saving.deserialize_keras_object(config)
    assert type(revived) is type(way)
    assert keras.saving.serialize_keras_object(revived) == config


class TestRefusals:
    def test_predictions_of_different_shapes(self):
        inputs = keras.Input((6,))
        teacher = keras.Model(inputs, keras.layers.Dense(7)(inputs))
        with pytest.raises(ValueError, match=r"Task 'a'.*\(None, 3\), its teacher \(None, 7\)"):
            self.build(mtkd.LogitDistillation(), teachers={"a": teacher})

    def build(self, *ways, teachers=None):
        return mtkd.MultiTaskDistiller(toy_model(), teachers or toy_teachers(), ways)

    def test_task_the_student_does_not_have(self):
        with pytest.raises(ValueError, match=r"names the task 'c'.*\['a', 'b'\]"):
            self.build(mtkd.LogitDistillation(tasks=["c"]))
        with pytest.raises(ValueError, match=r"names the task 'c'"):
            self.build(mtkd.LogitDistillation(weight={"c": 1.0}))

    def test_task_without_teacher(self):
        with pytest.raises(ValueError, match=r"names the task 'b', which has no teacher.*\['a'\]"):
            self.build(mtkd.LogitDistillation(tasks=["b"]), teachers={"a": toy_model(("a",))})

    def test_two_of_the_same_name(self):
        with pytest.raises(ValueError, match="Two distillations are called 'features'"):
            self.build(mtkd.FeatureDistillation("features"), mtkd.FeatureDistillation("features"))

    def test_something_else(self):
        with pytest.raises(TypeError, match="Received: 'features' of type str"):
            mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ["features"])
        with pytest.raises(TypeError, match="must be a `keras.distillation.DistillationLoss`"):
            mtkd.KerasDistillation("mse")

    def test_negative_weight(self):
        with pytest.raises(ValueError, match="must not be negative. Received: weight=-1"):
            mtkd.LogitDistillation(weight=-1)


def test_masks_become_one_weight_a_sample():
    mask = np.array([[[1.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]]], "float32")
    np.testing.assert_allclose(np.array(per_sample(mask)), [0.5, 1.0])


def test_arguments_in_the_order_of_keras_are_refused():
    with pytest.raises(TypeError, match=r"`FeatureDistillation\('s', 't', loss='mse'\)`"):
        mtkd.FeatureDistillation("mse", "t", "s")
    for way in (mtkd.FeatureDistillation, mtkd.LogitDistillation):
        with pytest.raises(TypeError, match=r"tasks='depth'\. Pass \['depth'\]"):
            way(**({"student_layer": "s"} if "Feature" in way.__name__ else {}), tasks="depth")
