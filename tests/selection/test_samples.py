import keras
import numpy as np
import pytest

from keras_mtkd.selection import uncertain_samples

GENERATOR = np.random.default_rng(0)


def scaled(units=3, shape=(4,)):
    """A model that gives its input as logits of task a, and zeros as those of b."""
    inputs = keras.Input((*shape[:-1], units))
    return keras.Model(inputs, {"a": inputs * 1.0, "b": inputs * 0.0})


def test_the_least_sure_ones():
    x = np.array([[9, 0, 0], [0, 0.1, 0], [5, 0, 0], [0.2, 0, 0.3], [7, 0, 0]], "float32")
    assert uncertain_samples(scaled(), x, ["a"], 0.4).tolist() == [1, 3]
    assert uncertain_samples(scaled(), x, ["a", "b"], 0.01).tolist() == [1]
    assert uncertain_samples(scaled(), x, ["a"], 1.0).tolist() == [0, 1, 2, 3, 4]


def test_mean_over_pixels_and_from_probabilities():
    logits = GENERATOR.normal(size=(6, 2, 2, 3)).astype("float32")
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    expected = np.argsort((p * np.log(p)).sum(-1).mean((1, 2)))[:3]
    model = scaled(shape=(2, 2, 3))
    assert uncertain_samples(model, logits, ["a"], 0.5).tolist() == sorted(expected)
    assert uncertain_samples(model, p, ["a"], 0.5, from_logits=False).tolist() == sorted(expected)


def test_the_graph_tells_whether_there_are_logits():
    logits = GENERATOR.normal(size=(6, 3)).astype("float32")
    inputs = keras.Input((3,))
    squashed = keras.Model(inputs, {"a": keras.layers.Softmax()(inputs)})
    expected = uncertain_samples(scaled(), logits, ["a"], 0.5).tolist()
    assert uncertain_samples(squashed, logits, ["a"], 0.5).tolist() == expected
    hidden = keras.Model(inputs, {"a": keras.layers.Lambda(keras.ops.softmax)(inputs)})
    with pytest.raises(ValueError, match="Whether the student predicts logits of task 'a'"):
        uncertain_samples(hidden, logits, ["a"])
    assert uncertain_samples(hidden, logits, ["a"], 0.5, from_logits=False).tolist() == expected


def test_bad_arguments():
    with pytest.raises(ValueError, match="fraction"):
        uncertain_samples(scaled(), np.zeros((2, 3)), ["a"], 0.0)
    with pytest.raises(ValueError, match="'a' has no classes"):
        uncertain_samples(scaled(1), np.zeros((2, 1)), ["a"])
