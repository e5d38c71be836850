"""Backbones, heads and experts of a few units, and tasks for them."""

import keras
from keras import layers

SLIM = (4, 6)
DENSE = {"semantic": 5, "depth": 1, "normal": 3}
SHAPE = (32, 32, 3)


def vector_backbone():
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dense(8, "relu", name="features")(inputs))


def small_resnet():
    inputs = keras.Input(SHAPE)
    x = layers.Conv2D(4, 3, strides=2, padding="same", name="stem")(inputs)
    for number in (1, 2, 3):
        x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name=f"c{number}")(x)
        x = layers.Conv2D(4, 3, padding="same", activation="relu", name=f"d{number}")(x)
    return keras.Model(inputs, x)


def dense_layers():
    return {"a": layers.Dense(3), "b": layers.Dense(1)}


def dense_expert():
    return layers.Dense(4, "relu")
