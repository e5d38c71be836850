import keras
import numpy as np
import pytest
from helpers import equal_weights, snapshot, toy_model

from keras_mtkd.layers.frozen_teacher import FrozenTeacher


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
