import keras
import numpy as np
import pytest
from forward import answers, weights_of_numpy
from keras import layers

from keras_mtkd import models
from models.small_networks import SHAPE, small_resnet

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")


class TestDilated:
    def test_strides_become_dilation(self):
        backbone = small_resnet()
        made = models.dilated(backbone, output_stride=4)
        assert backbone.output.shape == (None, 2, 2, 4)
        assert made.output.shape == (None, 8, 8, 4)
        strides = {layer.name: layer.strides[0] for layer in made.layers[1:]}
        dilation = {layer.name: layer.dilation_rate[0] for layer in made.layers[1:]}
        assert strides == {"stem": 2, "c1": 2, "d1": 1, "c2": 1, "d2": 1, "c3": 1, "d3": 1}
        assert dilation == {"stem": 1, "c1": 1, "d1": 1, "c2": 1, "d2": 2, "c3": 2, "d3": 4}

    def test_weights_are_copied(self):
        backbone = small_resnet()
        x = np.random.default_rng(0).normal(size=(1, *SHAPE)).astype("float32")
        made = models.dilated(backbone, output_stride=2)
        for one, other in zip(backbone.get_weights(), made.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        found = answers(made, x)
        assert found.shape == (1, 16, 16, 4)
        assert np.isfinite(found).all()

    def test_on_a_network_of_keras(self):
        with weights_of_numpy(0):
            network = keras.applications.ResNet50(
                include_top=False, weights=None, input_shape=(64, 64, 3)
            )
            made = models.dilated(network, output_stride=8)
        assert made.output.shape == (None, 8, 8, 2048)
        assert made.count_params() == network.count_params()

    def test_refusals(self):
        with pytest.raises(ValueError, match="power of 2. Received: 6"):
            models.dilated(small_resnet(), 6)
        inputs = keras.Input((None, None, 3))
        with pytest.raises(ValueError, match="known height"):
            models.dilated(keras.Model(inputs, layers.Conv2D(2, 1)(inputs)))
