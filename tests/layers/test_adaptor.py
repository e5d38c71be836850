import re

import keras
import numpy as np
import pytest

from keras_mtkd.layers.adaptor import keeps_means, linear_adaptor


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
