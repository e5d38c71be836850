"""Logits or probabilities: what the graph, the loss and the model's own loss say."""

from functools import partial

import keras
import numpy as np
import pytest
from graphs import Opaque, chain, dense, model_of
from keras import layers, ops
from scipy.special import expit, log_softmax, softmax

from keras_mtkd import losses
from keras_mtkd.distillation.head import (
    Head,
    as_logits,
    as_probabilities,
    contradiction,
    conversion,
    head_of,
    head_of_model,
)


@pytest.mark.parametrize(
    ("make", "shape", "expected"),
    [
        (lambda: layers.Conv2D(3, 1, activation="softmax"), (4, 4, 2), Head("class", False)),
        (lambda: layers.Conv2DTranspose(3, 1), (4, 4, 2), Head(None, True)),
        (
            lambda: chain(layers.Conv2D(1, 1, activation="sigmoid"), layers.UpSampling2D()),
            (4, 4, 2),
            Head(None, False),
        ),
        (
            lambda: chain(layers.Conv2D(3, 1), lambda x: ops.image.resize(x, (8, 8))),
            (4, 4, 2),
            Head(None, True),
        ),
        (lambda: layers.TimeDistributed(layers.Dense(3, "softmax")), (5, 2), Head("class", False)),
        (lambda: layers.TimeDistributed(model_of(dense())), (5, 3), Head(None, True)),
        (
            lambda: chain(layers.Dense(3, "softmax"), layers.GlobalAveragePooling1D()),
            (5, 2),
            Head("class", False),
        ),
        (lambda: layers.Softmax(axis=1), (3, 5), Head("class", False, -2)),
        (
            lambda: layers.Activation(partial(keras.activations.softmax, axis=1)),
            (3, 5),
            Head("class", False, -2),
        ),
    ],
)
def test_of_positions(make, shape, expected):
    assert head_of(model_of(make(), shape=shape).output, None) == expected


BINARY = keras.losses.BinaryCrossentropy


@pytest.mark.parametrize(
    ("end", "loss", "expected"),
    [
        (Opaque, "sparse_categorical_crossentropy", Head("class", False)),
        (Opaque, partial(keras.losses.binary_crossentropy, from_logits=True), Head("binary", True)),
        (Opaque, BINARY(from_logits=True), Head("binary", True)),
        (Opaque, "mse", Head("regression", None)),
        (Opaque, lambda y, p: y - p, Head(None, None)),
        (layers.Softmax, lambda y, p: y - p, Head("class", False)),
        (lambda: layers.Activation("sigmoid"), lambda y, p: y - p, Head(None, False)),
        (lambda: layers.Activation("sigmoid"), keras.losses.Dice(), Head("binary", False)),
        (layers.Softmax, keras.losses.Tversky(), Head("class", False)),
        # Whatever the loss says, these are probabilities.
        (layers.Softmax, keras.losses.CategoricalCrossentropy(True), Head("class", False)),
        (layers.Identity, keras.losses.CategoricalCrossentropy(axis=1), Head("class", True, -1)),
        (layers.Identity, "crossentropy", Head("class", True)),
    ],
)
def test_graph_and_loss_together(end, loss, expected):
    assert head_of(model_of(dense(), end()).output, losses.get(loss)) == expected


class OnLogits(BINARY):
    """A user's own, which takes logits after all."""

    def call(self, y_true, y_pred):
        return super().call(y_true, ops.sigmoid(y_pred))


class Stating(OnLogits):
    predicts, from_logits = "binary", True


@pytest.mark.parametrize(
    ("end", "loss", "expected"),
    [
        (layers.Softmax, keras.losses.CategoricalCrossentropy(from_logits=True), False),
        (layers.Identity, "sparse_categorical_crossentropy", True),
        (layers.Identity, "crossentropy", True),
        (lambda: layers.Activation("log_softmax"), "kl_divergence", True),
        (layers.Identity, BINARY(from_logits=True), None),
        (Opaque, BINARY(), None),
        (lambda: layers.Activation("sigmoid"), "mse", None),
        (layers.Identity, keras.losses.Dice(), None),
        (layers.Identity, OnLogits(), None),
        (lambda: layers.Activation("sigmoid"), Stating(from_logits=True), False),
        # What is cut off may be a share.
        (lambda: lambda x: ops.clip(x, 0, 1), BINARY(), None),
        (lambda: chain(lambda x: ops.maximum(x, 0), layers.Rescaling(0.5)), BINARY(), None),
        (lambda: chain(layers.Rescaling(0.5), layers.Flatten()), BINARY(), True),
    ],
)
def test_a_head_that_does_not_fit_its_loss(end, loss, expected):
    found = contradiction(model_of(dense(), end()).output, losses.get(loss))
    assert getattr(found, "from_logits", None) is expected


def test_nobody_says_what_an_input_is():
    shares = model_of(layers.Rescaling(0.5)).output
    assert contradiction(shares, BINARY()) is None


class Subclassed(keras.Model):
    def call(self, x):
        return {"a": x, "b": x}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, Head()),
        ("sparse_categorical_crossentropy", Head("class", False)),
        ({"a": BINARY(from_logits=True), "b": "mse"}, Head("binary", True)),
        ({"other": BINARY()}, Head("binary", False)),
        ({"b": BINARY(), "c": "mse"}, Head()),
        ([BINARY()], Head("binary", False)),
        ("no_such_loss", Head()),
    ],
)
def test_the_loss_that_a_model_is_compiled_with(given, expected):
    model = Subclassed()
    model.loss = given
    assert head_of_model(model, "a") == expected


def test_losses_in_the_order_of_the_outputs():
    inputs = keras.Input((3,))
    outputs = {task: Opaque()(inputs) for task in ("b", "a")}
    model = keras.Model(inputs, outputs)
    model.compile("sgd", loss=[BINARY(), "categorical_crossentropy"])
    assert head_of_model(model, "b").kind == "binary"
    assert head_of_model(model, "a").kind == "class"


@pytest.mark.parametrize(("kind", "squash"), [("class", softmax), ("binary", expit)])
def test_there_and_back(kind, squash):
    logits = 4 * np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    there = conversion(Head(kind, True), Head(kind, False))
    squashed = squash(logits, axis=-1) if kind == "class" else squash(logits)
    np.testing.assert_allclose(there(logits), squashed, rtol=1e-5)
    back = conversion(Head(None, False), Head(kind, True))(squashed)
    if kind == "class":
        back, logits = log_softmax(back, axis=-1), log_softmax(logits, axis=-1)
    np.testing.assert_allclose(back, logits, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        (Head("class", True), Head("class", True)),
        (Head("class", None), Head("class", True)),
        (Head("class", True), Head("class", None)),
        (Head(None, False), Head(None, True)),
        (Head("regression", False), Head("regression", True)),
    ],
)
def test_what_is_alike_or_not_known_stays(theirs, mine):
    assert conversion(theirs, mine) is None


def test_classes_all_but_ruled_out_keep_their_order():
    logits = np.array([[0.0, -30.0, -60.0]], "float32")
    found = as_logits(softmax(logits, axis=-1), Head("class", False))
    np.testing.assert_allclose(found, logits, atol=1e-3)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_certainty_stays_finite(dtype):
    sure = ops.cast(np.array([[0.0, 1.0]]), dtype)
    for kind in ("class", "binary"):
        found = np.array(as_logits(sure, Head(kind, False)))
        assert np.isfinite(found).all()
        assert found[0, 1] - found[0, 0] > 15
        assert found.dtype == "float32"


def test_classes_on_another_axis():
    logits = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    found = as_probabilities(logits, Head("class", True, -2))
    np.testing.assert_allclose(found, softmax(logits, axis=1), rtol=1e-5)


def test_the_loss_of_a_model_that_another_is_put_around():
    class Dense(keras.Model):
        def call(self, x):
            return 2.0 * x

    inner = Dense()
    inner.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False))
    inputs = keras.Input((4,))
    around = keras.Model(inputs, inner(inputs))
    assert head_of_model(around, "kind").from_logits is False
    # What is done to its output may change the form.
    scaled = keras.Model(inputs, keras.layers.Rescaling(2.0)(inner(inputs)))
    assert head_of_model(scaled, "kind").from_logits is None
    around.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert head_of_model(around, "kind").from_logits is True
