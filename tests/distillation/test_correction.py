"""Logits that agree with labels, by hand."""

import numpy as np
import pytest

from keras_mtkd.distillation._correction import classes_of, correct_logits

CLASSES = np.array([[1.0, 3.0, 2.0], [5.0, 0.0, 1.0], [0.0, 0.0, 0.0]], "float32")
LABELS = np.array([2, 0, 1])
MOVED = [[1.0, 3.0, 4.0], [5.0, 0.0, 1.0], [0.0, 1.0, 0.0]]


@pytest.mark.parametrize(
    "labels", [LABELS, LABELS[:, None], np.eye(3)[LABELS], 0.6 * np.eye(3)[LABELS] + 0.1]
)
def test_the_labels_logit_is_a_margin_above_every_other(labels):
    found = correct_logits(CLASSES, labels, None, 1.0, "class")
    np.testing.assert_allclose(found, MOVED)


def test_answers_are_a_margin_from_zero_on_the_labels_side():
    logits = np.array([[-3.0, 0.5, 4.0], [-3.0, -0.5, 4.0]], "float32")
    labels = np.array([[1, 1, 1], [0, 0, 0]])
    found = correct_logits(logits, labels, None, 2.0, "binary")
    np.testing.assert_allclose(found, [[2.0, 2.0, 4.0], [-3.0, -2.0, -2.0]])
    single = correct_logits(logits[:, :1], labels[:, 0], None, 2.0, "binary")
    np.testing.assert_allclose(single, [[2.0], [-3.0]])


def test_without_a_label_logits_stay():
    weight = np.array([1.0, 1.0, 0.0], "float32")
    found = correct_logits(CLASSES, LABELS, weight, 1.0, "class")
    np.testing.assert_allclose(found, [*MOVED[:2], [0.0, 0.0, 0.0]])


def test_positions_have_weights_of_their_own():
    weight = np.array([[1.0, 0.0, 1.0]], "float32")
    found = correct_logits(CLASSES[None], LABELS[None], weight, 1.0, "class")
    np.testing.assert_allclose(found, [[MOVED[0], CLASSES[1], MOVED[2]]])


@pytest.mark.parametrize("shape", [(2,), (2, 1), (2, 4), (2, 4, 1)])
def test_classes_whatever_the_layout_of_labels(shape):
    labels = np.arange(np.prod(shape)).reshape(shape) % 3
    positions = shape[:-1] if shape[-1] == 1 else shape
    found = np.array(classes_of(labels, np.zeros((*positions, 3), "float32")))
    assert found.dtype == "int32"
    np.testing.assert_array_equal(found, labels.reshape(positions))


def test_of_one_class_a_last_axis_of_one_is_one_hot():
    assert np.array(classes_of(np.ones((2, 1)), np.zeros((2, 1)))).tolist() == [0, 0]
