"""What all ways of distilling have in common: their settings, and which of them are refused."""

import keras
import numpy as np
import pytest
from helpers import toy_model

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
            mtkd.MultiTaskDistiller(toy_model(), {"a": teacher}, [mtkd.LogitDistillation()])

    def test_maps_of_other_sizes_with_what_mends_it(self):
        shapes = (None, 16, 16, 2), (None, 32, 32, 2)
        with pytest.raises(ValueError, match=r"compared.*AveragePooling2D\(2\)\(t.outputs\[0\]\)"):
            mtkd.LogitDistillation().check_shapes("mask", *shapes)

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
