"""A word in `fit` about a teacher in other units, once."""

import warnings

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model

import keras_mtkd as mtkd

X, Y = toy_data(samples=64)
X = X.astype("float32")
Y = {**Y, "b": 1600.0 + 900.0 * X[:, :1]}


def first_input(scale=1.0, offset=0.0):
    """A teacher that knows the labels up to their units."""
    inputs = keras.Input((6,))
    return keras.Model(inputs, keras.layers.Rescaling(scale, offset)(inputs[:, :1]))


def words(teacher, way=None):
    """What is said when two trainings begin."""
    model = mtkd.MultiTaskDistiller(toy_model(), {"b": teacher}, [way or mtkd.LogitDistillation()])
    model.compile(keras.optimizers.SGD(1e-9), loss=toy_losses())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            model.fit(X, Y, batch_size=64, verbose=0)
    said = [str(word.message) for word in caught]
    return [word for word in said if "other units" in word], model


def test_other_units_are_told_once_with_their_task():
    found, model = words(first_input())
    assert len(found) == 1
    assert "teacher of 'b' seems to answer in other units" in found[0]
    assert list(model.wiring.other_units) == ["b"]


def test_those_of_the_labels_are_not():
    assert words(first_input(900.0, 1600.0))[0] == []


def test_weights_are_not_blamed_besides():
    ways = [mtkd.LogitDistillation(weight=1e-9)]
    model = mtkd.MultiTaskDistiller(toy_model(), {"b": first_input()}, ways)
    model.compile(keras.optimizers.SGD(1e-9), loss=toy_losses())
    with pytest.warns(UserWarning, match="other units") as caught:
        model.fit(X, Y, batch_size=64, verbose=0)
    assert not [word for word in caught if "scales" in str(word.message)]
    assert np.isfinite(model.wiring.other_units["b"].error)


@pytest.mark.parametrize("form", ["logits", "probabilities"])
def test_the_reverse_of_yes_and_no_is_told_with_its_mend(form):
    inputs = keras.Input((6,))
    turned = -inputs[:, :1]
    teacher = turned if form == "logits" else 1.0 - keras.ops.sigmoid(-turned)
    way = mtkd.LogitDistillation(teacher_from_logits=form == "logits")
    student = toy_model(("b",))
    model = mtkd.MultiTaskDistiller(student, {"b": keras.Model(inputs, teacher)}, [way])
    model.compile("sgd", loss={"b": keras.losses.BinaryCrossentropy(from_logits=True)})
    mend = r"\(t.inputs, -t.outputs" if form == "logits" else r"\(t.inputs, 1.0 - t.outputs"
    with pytest.warns(UserWarning, match=f"teacher of 'b' seems to say the reverse.*{mend}"):
        model.fit(X, {"b": (X[:, :1] > 0).astype("int32")}, batch_size=64, verbose=0)
    assert model.wiring.other_units == {}
