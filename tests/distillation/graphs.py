"""Small graphs of layers, some of which nothing is known of."""

import keras
from keras import layers, ops


class Opaque(layers.Layer):
    def call(self, x):
        return ops.softmax(x)


def model_of(*steps, shape=(3,)):
    inputs = keras.Input(shape)
    x = inputs
    for step in steps:
        x = step(x)
    return keras.Model(inputs, x)


def chain(*steps):
    return lambda x: steps[-1](chain(*steps[:-1])(x)) if len(steps) > 1 else steps[0](x)


def dense():
    return layers.Dense(3)
