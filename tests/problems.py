"""A problem that trains in a moment."""

import keras
import numpy as np
from helpers import toy_data

import keras_mtkd as mtkd


def tiny_problem(width=8, name="tiny", samples=32, test=True, units=3, batch=8):
    def backbone():
        inputs = keras.Input((6,))
        return keras.Model(inputs, keras.layers.Dense(width, "relu", name="features")(inputs))

    def data(seed, shuffle=False):
        x, y = toy_data(seed, samples)
        y["b"] = x[:, :1] + np.float32(0.1) * y["b"]
        return mtkd.datasets.ArrayDataset(x, y, batch_size=batch, shuffle=shuffle)

    tasks = [
        mtkd.Task(
            "a",
            lambda: keras.layers.Dense(units),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            ["accuracy"],
        ),
        mtkd.Task(
            "b",
            lambda: keras.layers.Dense(1),
            "mse",
            ["mae", keras.metrics.R2Score(name="r2")],
            score="mae",
            higher_is_better=False,
        ),
    ]
    return mtkd.Problem(name, tasks, backbone, data(0, True), data(1), data(2) if test else None)
