"""Pooling with indices, unpooling, enlarging and unit vectors."""

import keras
import numpy as np
import pytest
from forward import answers, one_program
from helpers import gradient, numeric_gradient
from keras import ops

from keras_mtkd.layers import BilinearUpsampling2D, MaxPooling2DWithIndices, MaxUnpooling2D
from keras_mtkd.layers.unit_vectors import UnitVectors


def windows(x, size):
    batch, height, width, channels = x.shape
    x = x[:, : height // size * size, : width // size * size]
    x = x.reshape(batch, height // size, size, width // size, size, channels)
    return x.transpose(0, 1, 3, 5, 2, 4).reshape(batch, height // size, width // size, channels, -1)


@pytest.fixture(params=[(4, 6, 2), (5, 7, 2), (9, 6, 3)], ids=str)
def case(request):
    height, width, size = request.param
    x = np.random.default_rng(0).normal(size=(2, height, width, 3)).astype("float32")
    return np.maximum(x, 0), size  # after a ReLU many maxima are equal


def test_maxima_and_places(case):
    x, size = case
    maxima, places = one_program(MaxPooling2DWithIndices(size))(x)
    cells = windows(x, size)
    np.testing.assert_array_equal(maxima, cells.max(-1))
    np.testing.assert_array_equal(places, cells.argmax(-1))
    np.testing.assert_array_equal(maxima, keras.layers.MaxPooling2D(size)(x))


def test_unpooling_puts_maxima_back(case):
    x, size = case
    maxima, places = one_program(MaxPooling2DWithIndices(size))(x)
    back = np.asarray(one_program(MaxUnpooling2D(size))(maxima, places))
    cut = x[:, : back.shape[1], : back.shape[2]]
    assert ((back == 0) | (back == cut)).all()
    np.testing.assert_array_equal(windows(back, size).max(-1), maxima)
    assert (np.count_nonzero(windows(back, size), axis=-1) <= 1).all()


def test_of_equal_maxima_the_first_one_gets_the_gradient():
    x = np.zeros((1, 2, 4, 1), "float32")
    slopes = gradient(one_program(lambda v: ops.sum(MaxPooling2DWithIndices()(v)[0])), x)
    np.testing.assert_array_equal(slopes[0, :, :, 0], [[1, 0, 1, 0], [0, 0, 0, 0]])


def test_gradients_of_both_by_differences():
    x = np.random.default_rng(1).normal(size=(1, 4, 4, 2))
    weights = np.random.default_rng(2).normal(size=x.shape)

    @one_program
    def there_and_back(values):
        maxima, places = MaxPooling2DWithIndices()(values)
        return ops.sum(ops.square(MaxUnpooling2D()(maxima, places)) * weights.astype("float32"))

    def oracle(values):
        cells = windows(values, 2)
        first = np.arange(4) == cells.argmax(-1)[..., None]
        return ((cells**2 * windows(weights, 2)) * first).sum()

    np.testing.assert_allclose(gradient(there_and_back, x), numeric_gradient(oracle, x), atol=1e-4)


def test_bilinear_keeps_corners_and_interpolates_linearly():
    x = np.arange(12.0, dtype="float32").reshape(1, 3, 4, 1)
    found = np.asarray(one_program(BilinearUpsampling2D(2))(x))[0, :, :, 0]
    rows, columns = np.linspace(0, 2, 6), np.linspace(0, 3, 8)
    np.testing.assert_allclose(found, 4 * rows[:, None] + columns, rtol=1e-5, atol=1e-5)


def test_unit_vectors():
    x = np.random.default_rng(0).normal(size=(2, 3, 3)).astype("float32")
    x[0, 0] = 0.0
    found = np.asarray(one_program(UnitVectors())(x))
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1).ravel()[1:], 1.0, rtol=1e-5)
    assert not found[0, 0].any()
    assert np.isfinite(gradient(one_program(lambda v: ops.sum(UnitVectors()(v))), x)).all()


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
