"""Losses of models on a probe of the data."""

import keras
import numpy as np
import pytest

from keras_mtkd.metrics.probe_losses import Constant, probe_losses


def test_losses_of_maps_weigh_as_in_fit():
    generator = np.random.default_rng(0)
    truth, guess = generator.normal(size=(2, 3, 3, 2, 1)).astype("float32")
    inputs = keras.Input((3, 2, 1))
    model = keras.Model(inputs, {"a": keras.layers.Rescaling(1.0)(inputs)})
    values = (truth - guess)[..., 0] ** 2
    for weight in (np.array([2.0, 0.0, 1.0]), generator.uniform(size=(3, 3, 2))):
        data = (guess, {"a": truth[..., 0]}, {"a": weight.astype("float32")})
        loss = {"a": keras.losses.MeanSquaredError()}
        found = probe_losses({"a": model}, loss, data, 3)["a"]
        spread = np.broadcast_to(weight.reshape(3, *weight.shape[1:] or (1, 1)), values.shape)
        assert found == pytest.approx(np.average(values, weights=spread), rel=1e-5)


def one_of_two(name, width):
    inputs = keras.Input((width,), name=name)
    made = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    return keras.Model(inputs, {"a": made(inputs)})


def test_every_model_gets_its_own_of_inputs_with_names():
    """Keras would warn, or take another's."""
    x = {"large": np.ones((4, 3), "float32"), "small": np.ones((4, 2), "float32")}
    data = (x, {"a": np.zeros((4, 1), "float32")})
    loss = {"a": keras.losses.MeanSquaredError()}
    for name, width in (("large", 3), ("small", 2)):
        model = one_of_two(name, width)
        assert probe_losses({"a": model}, loss, data, 4)["a"] == pytest.approx(width**2)
        mean = Constant(model, data, 4)
        assert probe_losses({"a": mean}, loss, data, 4)["a"] == pytest.approx(width**2)
