"""Whatever plain Keras trains with is trained with here, to the same value."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import ops

import keras_mtkd as mtkd
from keras_mtkd import losses
from keras_mtkd.losses.kinds import ALIKE, BINARY, CLASS, REGRESSION, kind_of
from keras_mtkd.losses.task_losses import TaskLosses
from losses.keras_losses import (
    CLASSES,
    FUNCTIONS,
    GENERATOR,
    OwnLoss,
    Sharper,
    error,
    labels_and_predictions,
)


def plainly(loss, y, y_pred, weight=None):
    """The value that a plain model has."""
    inputs = keras.Input(y_pred.shape[1:])
    model = keras.Model(inputs, keras.layers.Identity()(inputs))
    model.compile(loss=loss)
    tensors = [ops.convert_to_tensor(each, "float32") for each in (y, y_pred)]
    weight = None if weight is None else ops.convert_to_tensor(weight, "float32")
    return float(model.compute_loss(None, *tensors, weight))


def ours(loss, y, y_pred, weight=None):
    objective = TaskLosses({"task": loss}, ["task"])
    tensors = [ops.convert_to_tensor(each, "float32") for each in (y, y_pred)]
    weights = {} if weight is None else {"task": ops.convert_to_tensor(weight, "float32")}
    return float(objective({"task": tensors[0]}, {"task": tensors[1]}, weights)["task"])


WEIGHT = GENERATOR.uniform(size=8)


def agree(loss, y, y_pred, by=None):
    for weight in (None, WEIGHT):
        expected = plainly(loss if by is None else by, y, y_pred, weight)
        assert np.isfinite(expected)
        assert ours(loss, y, y_pred, weight) == pytest.approx(expected, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_of_keras(name):
    loss = getattr(keras.losses, name)()
    agree(loss, *labels_and_predictions(loss))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_keras(name):
    loss = getattr(keras.losses, name)
    if name == "categorical_generalized_cross_entropy":
        loss = partial(loss, q=0.5)
    y, y_pred = labels_and_predictions(getattr(keras.losses, name))
    agree(loss, y, y_pred)
    kind = kind_of(losses.get(loss))
    if kind.labels == ALIKE and kind.predicts != CLASS and name not in ("dice", "tversky"):
        # Labels that lack the axis of a single output.
        agree(loss, y[:, 0], y_pred[:, :1])
        agree(loss, y[:, :1], y_pred[:, 0])


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.BinaryCrossentropy(from_logits=True),
        keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True, from_logits=True),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        keras.losses.CategoricalFocalCrossentropy(alpha=[0.2, 0.3, 0.5]),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1),
        keras.losses.CategoricalGeneralizedCrossEntropy(q=0.3),
        keras.losses.Huber(delta=0.2),
        keras.losses.Tversky(alpha=0.3, beta=0.7),
        keras.losses.MeanSquaredError(reduction="sum"),
        keras.losses.MeanSquaredError(reduction="mean_with_sample_weight"),
        "MeanSquaredError",
        keras.losses.LogCosh,
        "bce",
        "MAE",
    ],
    ids=lambda loss: getattr(loss, "name", str(loss)),
)
def test_arguments_classes_and_short_names(loss):
    y, y_pred = labels_and_predictions(losses.get(loss))
    agree(loss, y, y_pred)


@pytest.mark.parametrize("name", ["crossentropy", "CE"])
@pytest.mark.parametrize(
    ("like", "width", "shape"),
    [
        ("binary_crossentropy", 1, (8,)),
        ("binary_crossentropy", 1, (8, 1)),
        ("sparse_categorical_crossentropy", 3, (8,)),
        ("sparse_categorical_crossentropy", 3, (8, 1)),
        ("categorical_crossentropy", 3, (8, 3)),
    ],
)
def test_the_cross_entropy_that_shapes_choose(name, like, width, shape):
    y, y_pred = labels_and_predictions(getattr(keras.losses, like), width)
    agree(name, y.reshape(shape), y_pred)
    agree(name, y.reshape(shape), y_pred, by=like)


def one_value_for_all(y_true, y_pred):
    return ops.max(ops.abs(y_true - y_pred))


class Callable:
    def __call__(self, y_true, y_pred):
        return error(y_true, y_pred)


class Weighing(keras.losses.Loss):
    """Reduces by itself."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        values = error(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
        return ops.sum(values if sample_weight is None else values * sample_weight)


OWN = {
    "function": error,
    "lambda": lambda y, p: error(y, p),
    "a value an entry": lambda y, p: ops.square(y - p),
    "a value for all": one_value_for_all,
    "partial": partial(keras.losses.huber, delta=0.3),
    "partial of a partial": partial(partial(keras.losses.huber, delta=9.0), delta=0.3),
    "callable": Callable(),
    "subclass": OwnLoss(),
    "subclass by its class": OwnLoss,
    "subclass that reduces": Weighing(),
    "subclass of one of Keras'": Sharper(from_logits=True),
}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("shape", [(8, 1), (8,)], ids=str)
def test_losses_of_users(name, shape):
    y, y_pred = GENERATOR.uniform(size=(8, 1)), GENERATOR.uniform(0.1, 0.9, size=(8, 1))
    agree(OWN[name], y.reshape(shape), y_pred)


@pytest.mark.parametrize(
    ("several", "predicts"),
    [
        ([keras.losses.BinaryCrossentropy(from_logits=True), "mse"], None),
        (["mse", "mse"], REGRESSION),
        ((keras.losses.BinaryCrossentropy(True), Sharper(from_logits=True)), BINARY),
    ],
)
def test_several_losses_of_one_head(several, predicts):
    y, y_pred = labels_and_predictions(keras.losses.binary_crossentropy)
    for weight in (None, WEIGHT):
        expected = sum(plainly(loss, y, y_pred, weight) for loss in several)
        assert ours(several, y, y_pred, weight) == pytest.approx(expected, rel=1e-6)
    made = losses.get(several)
    assert kind_of(made).predicts == predicts
    if "mse" in several:
        again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(made))
        assert float(again(y, y_pred)) == float(made(y, y_pred))


@pytest.mark.traced
@pytest.mark.parametrize("name", ["lambda", "partial", "callable"])
def test_losses_without_a_name_in_a_traced_step(name):
    inputs = keras.Input((3,))
    student = keras.Model(inputs, {"task": keras.layers.Dense(1)(inputs)})
    model = mtkd.MultiTaskDistiller(student, {})
    model.compile(keras.optimizers.SGD(0.0), loss=OWN[name])
    x, y = GENERATOR.normal(size=(8, 3)).astype("float32"), GENERATOR.uniform(size=8)
    expected = plainly(OWN[name], y, student.predict(x, verbose=0)["task"])
    history = model.fit(x, {"task": y}, verbose=0).history
    assert history["task_loss"][0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "loss",
    [
        partial(keras.losses.huber, delta=0.3),
        partial(partial(keras.losses.huber), delta=0.3),
        "crossentropy",
        "mse",
        keras.losses.dice,
    ],
    ids=["partial", "partial of a partial", "crossentropy", "mse", "function"],
)
def test_saved_and_loaded(loss):
    made = losses.get(loss)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(made))
    y, y_pred = labels_and_predictions(keras.losses.categorical_crossentropy)
    assert float(again(y, y_pred)) == float(made(y, y_pred))
    assert again.get_config() == made.get_config()
