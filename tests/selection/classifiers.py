"""Teachers that tell classes apart, and data for them."""

import keras
import numpy as np

GENERATOR = np.random.default_rng(0)


def classifier(classes, width=5, nested=False, seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((6,))
    x = keras.layers.Dense(width, activation="relu", name="features")(inputs)
    head = keras.layers.Dense(classes, name="logits")
    if nested:
        head = keras.Sequential([keras.Input((width,)), head], name="head")
    return keras.Model(inputs, head(x), name=f"teacher_{classes}")


def data(samples=40, classes=3):
    x = GENERATOR.normal(size=(samples, 6)).astype("float32")
    return x, np.arange(samples) % classes
