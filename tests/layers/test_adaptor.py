import re

import keras
import numpy as np
import pytest
from helpers import equal_weights, snapshot, toy_model

from keras_mtkd.layers.adaptor import keeps_means, linear_adaptor
from keras_mtkd.layers.frozen_teacher import FrozenTeacher


@pytest.mark.parametrize(
    "shape", [(None, 4), (None, 7, 4), (None, 3, None, 4), (None, 2, 3, 4, 4)], ids=str
)
def test_linear_adaptor_maps_channels_at_every_position(shape):
    layer = linear_adaptor(shape, 6)
    assert len(layer.weights) == 1
    sizes = [2] + [size or 5 for size in shape[1:]]
    x = np.random.default_rng(0).normal(size=sizes).astype("float32")
    kernel = np.array(layer.kernel).reshape(4, 6)
    np.testing.assert_allclose(layer(x), x @ kernel, rtol=1e-4, atol=1e-5)


def test_linear_adaptor_starts_xavier_normal():
    kernel = np.array(linear_adaptor((None, 300), 200).kernel)
    assert kernel.std() == pytest.approx(np.sqrt(2 / 500), rel=0.05)
    assert abs(kernel.mean()) < 0.01


@pytest.mark.parametrize("shape", [(None,), (None, 3, None)], ids=str)
def test_linear_adaptor_needs_channels(shape):
    with pytest.raises(ValueError, match=f"Received: shape={re.escape(str(shape))}"):
        linear_adaptor(shape, 3)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (None, True),
        (linear_adaptor((None, 4), 3), True),
        (linear_adaptor((None, 4), 3, rank=2), True),
        (keras.layers.Dense(3, activation="relu"), False),
        (keras.layers.Conv2D(3, 3), False),
    ],
)
def test_layers_that_keep_means(layer, expected):
    assert keeps_means(layer) is expected


class TestFrozenTeacher:
    def test_gives_predictions_and_taps(self):
        model = toy_model(("a",), 5)
        x = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")
        outputs, taps = FrozenTeacher(model, ("features",))(x)
        np.testing.assert_allclose(outputs["a"], model(x)["a"], rtol=1e-6)
        assert taps["features"].shape == (4, 5)
        outputs, taps = FrozenTeacher(model)(x)
        assert taps == {}
        np.testing.assert_allclose(outputs["a"], model(x)["a"], rtol=1e-6)

    def test_shows_the_models_variables_and_trains_none(self):
        model = toy_model(("a",), batch_norm=True)
        layer = FrozenTeacher(model)
        assert layer.weights == model.weights
        assert layer.trainable_variables == []
        assert layer.trainable_weights == []
        assert layer.count_params() == model.count_params()
        assert all(v.trainable for v in model.get_layer("hidden").variables)

    def test_runs_in_inference_mode_even_in_training(self):
        model = toy_model(("a",), batch_norm=True)
        before = snapshot(model)
        x = np.random.default_rng(0).normal(2.0, size=(16, 6)).astype("float32")
        FrozenTeacher(model, ("features",))(x, training=True)
        assert equal_weights(before, snapshot(model))

    def test_subclassed_models_teach_by_predictions_only(self):
        class Own(keras.Model):
            def call(self, x):
                return 2.0 * x

        x = np.ones((2, 3), "float32")
        np.testing.assert_array_equal(FrozenTeacher(Own())(x)[0], 2 * x)
        with pytest.raises(ValueError, match="must be a functional model"):
            FrozenTeacher(Own(), ("features",))
