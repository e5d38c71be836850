import keras
import numpy as np
import pytest

from keras_mtkd.distillers.optimizers import optimizers_by_layer

SGD = keras.optimizers.SGD


def built():
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    layer.build((None, 1))
    return layer


def test_layers_are_stepped_by_the_optimiser_of_their_part():
    layers = [built() for _ in range(3)]
    optimizer = optimizers_by_layer(SGD(0.5), [(SGD(0.1), layers[:1]), (SGD(0.01), layers[1:2])])
    variables = [layer.kernel for layer in layers]
    optimizer.build(variables)
    optimizer.apply([np.ones((1, 1), "float32")] * 3, variables)
    found = [float(np.array(variable).item()) for variable in variables]
    assert found == pytest.approx([0.9, 0.99, 0.5])


def test_parts_without_variables_need_no_optimiser_of_their_own():
    others, frozen = SGD(0.5), built()
    frozen.trainable = False
    assert optimizers_by_layer(others, []) is others
    assert optimizers_by_layer(others, [(SGD(0.1), [frozen, keras.layers.ReLU()])]) is others
