"""What the last layers of a graph make of an output."""

from functools import partial

import keras
import pytest
from graphs import Opaque, chain, dense, model_of
from keras import layers, ops

from keras_mtkd.distillation._endings import ending_of
from keras_mtkd.distillation.head import Head, head_of

LOGITS, SOFTMAX, SIGMOID = (True, None), (False, "class"), (False, "binary")
UNKNOWN = (None, None)


class Named(layers.Dense):
    """Computes what `Dense` does."""


class Squashing(layers.Dense):
    def call(self, x):
        return ops.softmax(super().call(x))


def both(one, other):
    return lambda x: [one(x), other(x)]


def soft():
    return layers.Dense(3, "softmax")


VECTORS = {
    "dense": (lambda: dense(), LOGITS),
    "dense with softmax": (lambda: soft(), SOFTMAX),
    "sigmoid": (lambda: chain(dense(), layers.Activation("sigmoid")), SIGMOID),
    "hard sigmoid": (lambda: layers.Dense(1, "hard_sigmoid"), SIGMOID),
    "softmax layer": (lambda: chain(dense(), layers.Softmax()), SOFTMAX),
    "layer as activation": (lambda: layers.Dense(3, activation=layers.Softmax()), SOFTMAX),
    "operation": (lambda: chain(dense(), ops.softmax), SOFTMAX),
    "function of activations": (lambda: chain(dense(), keras.activations.sigmoid), SIGMOID),
    "float32 at the end": (lambda: chain(soft(), layers.Activation("linear")), SOFTMAX),
    "cast and reshaped": (
        lambda: chain(soft(), lambda x: ops.cast(x, "float16"), layers.Reshape((3, 1))),
        SOFTMAX,
    ),
    "dropout": (lambda: chain(soft(), layers.Dropout(0.5), layers.Identity()), SOFTMAX),
    "clipped": (lambda: chain(soft(), lambda x: ops.clip(x, 1e-7, 1.0)), SOFTMAX),
    "some of them": (lambda: chain(layers.Dense(4, "sigmoid"), lambda x: x[:, 1:]), SIGMOID),
    "nested": (lambda: model_of(dense(), layers.Softmax()), SOFTMAX),
    "nested twice": (lambda: model_of(dense(), model_of(model_of(layers.Softmax()))), SOFTMAX),
    "nested without effect": (lambda: chain(soft(), model_of(layers.Reshape((3, 1)))), SOFTMAX),
    "nested sequential": (
        lambda: keras.Sequential([keras.Input((3,)), dense(), layers.Activation("softmax")]),
        SOFTMAX,
    ),
    "dense after softmax": (lambda: chain(soft(), dense()), LOGITS),
    "mean of probabilities": (lambda: chain(both(soft(), soft()), layers.Average()), SOFTMAX),
    "mean of logits": (lambda: chain(both(dense(), dense()), layers.Average()), LOGITS),
    "mean of both": (lambda: chain(both(dense(), soft()), layers.Average()), UNKNOWN),
    "side by side": (
        lambda: chain(both(soft(), layers.Dense(2, "sigmoid")), layers.Concatenate()),
        (False, None),
    ),
    "temperature": (lambda: chain(dense(), lambda x: x / 2.0 - 1.0), LOGITS),
    "scaled probabilities": (lambda: chain(soft(), lambda x: 0.9 * x), UNKNOWN),
    "scaled input": (lambda: layers.Rescaling(2.0), LOGITS),
    "log of probabilities": (lambda: chain(soft(), ops.log), (True, "class")),
    "log softmax": (lambda: layers.Dense(3, "log_softmax"), (True, "class")),
    "normalised": (lambda: chain(dense(), layers.BatchNormalization()), LOGITS),
    "own layer": (lambda: chain(dense(), Opaque()), UNKNOWN),
    "own layer by another name": (lambda: Named(3), LOGITS),
    "own layer that squashes": (lambda: Squashing(3), UNKNOWN),
    "own function": (lambda: layers.Dense(3, activation=lambda x: ops.softmax(x)), UNKNOWN),
    "input": (lambda: layers.Identity(), UNKNOWN),
}


@pytest.mark.parametrize("name", VECTORS)
def test_the_graph_tells(name):
    make, (from_logits, kind) = VECTORS[name]
    output = model_of(make()).output
    ending = ending_of(output)
    assert (ending.from_logits, ending.kind) == (from_logits, kind)
    found = head_of(output, None)
    assert found.from_logits is from_logits
    assert found.kind == (kind if kind == "class" else None)


def test_a_graph_of_many_branches_is_walked_once():
    x = keras.Input((3,))
    for _ in range(60):
        x = layers.Add()([layers.Identity()(x), layers.Dropout(0.1)(x)])
    assert head_of(x, None) == Head(None, True)


def test_dicts_whose_order_is_not_that_of_their_names():
    inputs = keras.Input((3,))
    inner = keras.Model(inputs, {"z": ops.softmax(inputs), "a": ops.sigmoid(inputs)})
    outputs = inner(inputs)
    assert head_of(outputs["z"], None).kind == "class"
    assert head_of(outputs["a"], None) == Head(None, False)


@pytest.mark.parametrize(
    ("make", "axis"),
    [
        (lambda: layers.Softmax(axis=1), 1),
        (lambda: layers.Activation(partial(keras.activations.softmax, axis=-2)), -2),
        (lambda: layers.Dense(3, "softmax"), -1),
        (lambda: layers.Softmax(axis=(1, 2)), None),
        (lambda: layers.Dense(3, "sigmoid"), None),
    ],
)
def test_the_axis_of_a_softmax(make, axis):
    assert ending_of(model_of(make(), shape=(4, 3)).output).axis == axis
