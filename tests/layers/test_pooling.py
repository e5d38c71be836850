import keras
import numpy as np
import pytest
from forward import one_program
from helpers import gradient, numeric_gradient
from keras import ops

from keras_mtkd.layers import MaxPooling2DWithIndices, MaxUnpooling2D


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
