"""Where labels are, by what losses say and by weights."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import ops

from keras_mtkd import losses
from keras_mtkd.losses.labelled import any_labelled, ignored_class, labelled_positions

CLASSES = np.array([[0, 9, 1], [9, 9, 9]])
LOGITS = np.zeros((2, 3, 4), "float32")
DEPTH = np.array([[[1.0], [0.0], [2.0]], [[0.0], [0.0], [0.0]]], "float32")
IGNORING = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=9)
PARTIAL = losses.get(partial(keras.losses.sparse_categorical_crossentropy, ignore_class=9))


@pytest.mark.parametrize(
    ("loss", "truth", "guess"),
    [
        (IGNORING, CLASSES, LOGITS),
        (IGNORING, CLASSES[..., None], LOGITS),
        (PARTIAL, CLASSES, LOGITS),
        (losses.MaskedMeanAbsoluteError(), DEPTH, DEPTH),
    ],
    ids=["class", "with an axis", "partial", "depth"],
)
def test_what_a_loss_leaves_out_is_no_label(loss, truth, guess):
    found = np.array(labelled_positions(loss, truth, guess)).reshape(2, 3)
    np.testing.assert_array_equal(found, CLASSES != 9)
    for rows, labelled in ((slice(0, 1), True), (slice(1, 2), False)):
        assert bool(any_labelled(loss, truth[rows], guess[rows], None)) is labelled


def test_a_loss_that_leaves_out_none_does_not_say():
    plain = keras.losses.MeanSquaredError()
    assert labelled_positions(plain, DEPTH, DEPTH) is None
    assert bool(any_labelled(plain, DEPTH, DEPTH, None))


@pytest.mark.parametrize(
    ("loss", "ignored"),
    [
        (IGNORING, 9),
        (PARTIAL, 9),
        (keras.metrics.MeanIoU(3, ignore_class=0), 0),
        (keras.losses.MeanSquaredError(), None),
        (keras.losses.SparseCategoricalCrossentropy(), None),
    ],
    ids=lambda case: getattr(case, "name", str(case)),
)
def test_the_class_that_is_ignored(loss, ignored):
    assert ignored_class(loss) == ignored


@pytest.mark.parametrize(
    ("weight", "labelled"), [([1.0, 0.0], True), ([0.0, 1.0], False), ([0.0, 0.0], False)]
)
def test_a_label_without_a_weight_does_not_count(weight, labelled):
    weight = ops.convert_to_tensor(weight)
    assert bool(any_labelled(IGNORING, CLASSES, LOGITS, weight)) is labelled
    plain = keras.losses.MeanSquaredError()
    assert bool(any_labelled(plain, DEPTH, DEPTH, weight)) is bool(np.any(np.array(weight)))
