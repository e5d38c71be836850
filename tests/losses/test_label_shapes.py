"""Labels against the heads that they are for: shapes, dtypes, classes."""

from functools import partial

import keras
import numpy as np
import pytest
from helpers import toy_model

from keras_mtkd import losses
from keras_mtkd.losses.label_shapes import check_shapes
from keras_mtkd.losses.validation import check_batch

SPARSE = losses.get("sparse_categorical_crossentropy")


def test_labels_without_the_axis_of_the_batch():
    with pytest.raises(ValueError, match=r"Task 'a': the labels are one number.*batch\(32\)"):
        check_shapes("a", np.array(1), (None, 3), SPARSE)


@pytest.mark.parametrize(
    ("labels", "output", "said"),
    [((4, 3), (None, 3), True), ((4, 2), (None, 3), False), ((4, 8, 3), (None, 8, 3), True)],
)
def test_one_hot_labels_of_a_sparse_loss(labels, output, said):
    with pytest.raises(ValueError, match="expected one class index") as error:
        check_shapes("a", np.zeros(labels), output, SPARSE)
    assert ("`labels.argmax(-1)`" in str(error.value)) == said
    assert ("CategoricalCrossentropy" in str(error.value)) == said


@pytest.mark.parametrize("missing", [[], [None]])
def test_names_of_classes(missing):
    names = np.array(["yes", "no", *missing], object)
    with pytest.raises(ValueError, match=r"frame\['a'\]\.astype\('category'\)\.cat\.codes"):
        check_shapes("a", names, (None, 3), SPARSE)
    gaps = np.array([1, None], object)
    with pytest.raises(ValueError, match=r"numbers and weights of labels with gaps"):
        check_shapes("a", gaps, (None, 3), SPARSE)


@pytest.mark.parametrize(
    ("loss", "shape"),
    [
        (lambda y, p: p, (4,)),
        (lambda y, p: p, (4, 7)),
        (keras.losses.Circle(), (4,)),
        (keras.losses.CTC(), (4, 2)),
        (keras.losses.CategoricalGeneralizedCrossEntropy(), (4,)),
        (keras.losses.KLDivergence(), (4, 3)),
    ],
)
def test_labels_that_only_the_loss_knows_or_that_fit_it(loss, shape):
    check_batch(toy_model(("a",)), {"a": losses.get(loss)}, {"a": np.ones(shape)})


@pytest.mark.parametrize(
    ("loss", "labels", "message"),
    [
        (
            keras.losses.CategoricalGeneralizedCrossEntropy(),
            np.full(4, 3),
            r"Task 'a': the head has 3 classes.*label is 3",
        ),
        (
            partial(keras.losses.categorical_crossentropy, from_logits=True),
            np.zeros(4),
            r"Task 'a': labels have shape \(4,\).*Use one-hot labels",
        ),
        (lambda y, p: p, np.full(4, np.nan), r"Task 'a': 4 labels are NaN"),
    ],
)
def test_labels_that_do_not(loss, labels, message):
    with pytest.raises(ValueError, match=message):
        check_batch(toy_model(("a",)), {"a": losses.get(loss)}, {"a": labels})


def test_class_numbers_of_classes_on_another_axis():
    inputs = keras.Input((3, 5))
    model = keras.Model(inputs, {"a": keras.layers.Rescaling(1.0)(inputs)})
    loss = {"a": keras.losses.SparseCategoricalCrossentropy(axis=1)}
    for shape in ((4, 5), (4, 1, 5)):
        check_batch(model, loss, {"a": np.full(shape, 2)})
    with pytest.raises(ValueError, match=r"expected one class index.*\('batch', 5\)"):
        check_batch(model, loss, {"a": np.zeros((4, 3))})
    with pytest.raises(ValueError, match="the head has 3 classes"):
        check_batch(model, loss, {"a": np.full((4, 5), 3)})
