"""What networks for dense prediction are made of."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_mtkd.layers.unit_vectors import UnitVectors
from keras_mtkd.models import _blocks

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

FEATURE = (4, 6, 2)


@pytest.mark.parametrize(("size", "dilation"), [(3, 1), (1, 1), (3, 2)])
def test_convolutions_keep_height_and_width(size, dilation):
    layer = _blocks.convolution_layer(5, size, dilation=dilation)
    assert layer(keras.Input(FEATURE)).shape == (None, 4, 6, 5)
    assert layer.kernel_size == (size, size)
    assert layer.dilation_rate == (dilation, dilation)


def test_a_block_is_convolution_normalisation_and_relu():
    inputs = keras.Input(FEATURE)
    model = keras.Model(inputs, _blocks.convolution_block(inputs, 5, name="end"))
    kinds = [type(layer) for layer in model.layers[1:]]
    assert kinds == [layers.Conv2D, layers.BatchNormalization, layers.Activation]
    norm, end = model.layers[2:]
    assert (norm.momentum, norm.epsilon) == (0.9, 1e-5)
    assert (end.name, end.activation) == ("end", keras.activations.relu)


class TestHeads:
    def test_channels_are_a_wide_convolution_and_one_of_positions(self):
        inputs = keras.Input(FEATURE)
        outputs = _blocks.dense_heads({"left half": inputs}, {"left half": 3}, 7)
        model = keras.Model(inputs, outputs)
        assert outputs["left half"].shape == (None, 4, 6, 3)
        wide, last = model.layers[1:]
        assert (wide.name, wide.kernel_size, wide.filters) == ("left_half_head", (3, 3), 7)
        assert (last.name, last.kernel_size, last.filters) == ("left_half_prediction", (1, 1), 3)

    def test_normals_are_unit_vectors(self):
        inputs = keras.Input(FEATURE)
        tasks = {"normal": 3, "depth": 1}
        model = keras.Model(inputs, _blocks.dense_heads(dict.fromkeys(tasks, inputs), tasks, 2))
        assert [type(layer) for layer in model.layers].count(UnitVectors) == 1
        x = np.random.default_rng(0).normal(size=(1, *FEATURE)).astype("float32")
        lengths = np.linalg.norm(model(x)["normal"], axis=-1)
        np.testing.assert_allclose(lengths, 1.0, rtol=1e-3)

    def test_layers_are_used_as_they_are(self):
        head, inputs = layers.Conv2D(9, 1), keras.Input(FEATURE)
        outputs = _blocks.dense_heads({"a": inputs}, {"a": head}, 2)
        assert outputs["a"].shape == (None, 4, 6, 9)
        assert keras.Model(inputs, outputs).layers[1] is head


@pytest.mark.parametrize(
    ("heads", "message"),
    [({}, "at least one task"), ({"a": 1, "b": 0}, "The head of 'b' .* Received: 0")],
)
def test_heads_that_predict_nothing(heads, message):
    _blocks.check_heads({"a": 1, "b": layers.Conv2D(1, 1)})
    with pytest.raises(ValueError, match=message):
        _blocks.check_heads(heads)


@pytest.mark.parametrize("shape", [(8, 6, 3), (6, 8, 3), (8, None, 3), (8, 8)])
def test_pictures_that_pooling_would_cut(shape):
    _blocks.check_divisible((8, 12, 3), 4, "Net")
    with pytest.raises(ValueError, match="Net needs .* multiples of 4"):
        _blocks.check_divisible(shape, 4, "Net")
