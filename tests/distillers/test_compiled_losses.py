"""Losses that read a head as what it is not are named when a model is compiled."""

import warnings

import keras
import pytest

import keras_mtkd as mtkd
from keras_mtkd.distillers.compiled_losses import compiled_losses

BINARY = keras.losses.BinaryCrossentropy
CLASSES = keras.losses.SparseCategoricalCrossentropy


def student(**heads):
    inputs = keras.Input((4,))
    return keras.Model(inputs, {task: head(inputs) for task, head in heads.items()})


def said(model, loss):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        compiled_losses(model, loss)
    return [str(each.message) for each in found]


def linear(units):
    return keras.layers.Dense(units)


def softmax(units):
    return keras.layers.Dense(units, activation="softmax")


def sigmoid(units):
    return keras.layers.Dense(units, activation="sigmoid")


@pytest.mark.parametrize(
    ("head", "loss", "gives", "mended", "squash"),
    [
        (linear(1), "binary_crossentropy", "logits", "BinaryCrossentropy(from_logits=True)", "sig"),
        (
            linear(3),
            "sparse_categorical_crossentropy",
            "logits",
            "SparseCategoricalCrossentropy(from_logits=True)",
            "softmax",
        ),
        (linear(1), "crossentropy", "logits", "BinaryCrossentropy(from_logits=True)", "sigmoid"),
        (linear(3), "kl_divergence", "logits", "a loss of logits", "softmax"),
        (
            softmax(3),
            CLASSES(from_logits=True),
            "probabilities",
            "SparseCategoricalCrossentropy(from_logits=False)",
            "None",
        ),
        (
            sigmoid(2),
            BINARY(from_logits=True),
            "probabilities",
            "BinaryCrossentropy(from_logits=False)",
            "None",
        ),
    ],
    ids=["answer", "classes", "crossentropy", "divergence", "softmax", "sigmoid"],
)
def test_task_forms_and_both_remedies(head, loss, gives, mended, squash):
    (message,) = said(student(kind=head), {"kind": loss})
    other = {"logits": "probabilities", "probabilities": "logits"}[gives]
    assert "head 'kind'" in message
    assert f"it gives {gives}" in message
    assert f"the loss takes {other}" in message
    assert mended in message
    assert f"`activation={squash}" in message.replace("'", "")


def test_once_a_task():
    model = student(a=linear(1), b=linear(1), c=sigmoid(1))
    messages = said(model, "binary_crossentropy")
    assert [message.split("'")[1] for message in messages] == ["a", "b"]


def test_nothing_about_what_fits_or_is_not_known():
    heads = {"a": linear(3), "b": softmax(3), "c": linear(1), "d": keras.layers.Dense(1, "relu")}
    fitting = {
        "a": CLASSES(from_logits=True),
        "b": "categorical_crossentropy",
        "c": "mse",
        "d": "binary_crossentropy",
    }
    assert said(student(**heads), fitting) == []


@pytest.mark.parametrize("teachers", [None, {}], ids=["alone", "distilled"])
def test_compile_says_so(teachers):
    model = student(a=linear(1))
    made = mtkd.MultiTaskModel(model) if teachers is None else mtkd.MultiTaskDistiller(model, {})
    with pytest.warns(UserWarning, match="The head 'a' does not give what its loss") as found:
        made.compile("sgd", loss="binary_crossentropy")
    assert len(found) == 1
    assert found[0].filename == __file__
