"""What is told of a teacher goes by the kind of its head."""

import keras
import numpy as np

from keras_mtkd.distillation.against_labels import against_labels
from keras_mtkd.distillation.head import Head
from keras_mtkd.distillation.reversed_answers import ReversedAnswers
from keras_mtkd.distillation.units import OtherUnits

Z = np.random.default_rng(0).normal(size=(64, 1)).astype("float32")


def test_units_of_quantities_and_the_reverse_of_answers():
    y = {"price": 1600 + 900 * Z, "sold": (Z > 0).astype("int32"), "right": Z}
    losses = {task: keras.losses.MeanSquaredError() for task in y}
    losses["sold"] = keras.losses.BinaryCrossentropy(from_logits=True)
    heads = {"price": Head("regression"), "right": Head("regression"), "sold": Head("binary", True)}
    found = against_labels(
        (Z, y), losses, heads, lambda x: {"price": x, "right": x, "sold": -np.asarray(x)}
    )
    assert {task: type(amiss) for task, amiss in found.items()} == {
        "price": OtherUnits,
        "sold": ReversedAnswers,
    }
