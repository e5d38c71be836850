"""Layers of dense networks together: saved in one model, and what they refuse."""

import keras
import numpy as np
import pytest
from forward import answers

from keras_mtkd.layers import BilinearUpsampling2D, MaxPooling2DWithIndices, MaxUnpooling2D
from keras_mtkd.layers.unit_vectors import UnitVectors


def test_layers_in_a_model_that_is_saved(tmp_path):
    inputs = keras.Input((4, 6, 2))
    maxima, places = MaxPooling2DWithIndices()(inputs)
    x = BilinearUpsampling2D(2)(MaxUnpooling2D()(maxima, places))
    model = keras.Model(inputs, UnitVectors()(x))
    assert model.output.shape == (None, 8, 12, 2)
    model.save(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(2, 4, 6, 2)).astype("float32")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(answers(loaded, x), answers(model, x), rtol=1e-6)


def test_refusals():
    with pytest.raises(ValueError, match="Received: pool_size=0"):
        MaxPooling2DWithIndices(0)
    with pytest.raises(ValueError, match="known height"):
        MaxPooling2DWithIndices()(keras.Input((None, 4, 2)))
    with pytest.raises(ValueError, match="same shape"):
        MaxUnpooling2D()(keras.Input((4, 4, 2)), keras.Input((4, 5, 2), dtype="int32"))
    with pytest.raises(ValueError, match="Received: factor=0"):
        BilinearUpsampling2D(0)
