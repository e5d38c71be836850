"""The cross-entropy that shapes choose, against NumPy."""

import keras
import numpy as np
import pytest

from keras_mtkd.losses.crossentropy import crossentropy

CLASSES = np.array([2, 0, 1, 1])
PROBABILITIES = np.random.default_rng(0).dirichlet(np.ones(3), size=4).astype("float32")
CHOSEN = -np.log(PROBABILITIES[np.arange(4), CLASSES])


@pytest.mark.parametrize(
    "labels", [CLASSES, CLASSES[:, None], np.eye(3)[CLASSES]], ids=["numbers", "column", "one-hot"]
)
def test_of_classes_whatever_the_form_of_the_labels(labels):
    found = crossentropy(labels.astype("float32"), PROBABILITIES)
    np.testing.assert_allclose(found, CHOSEN, rtol=1e-5)


def test_of_one_answer():
    yes = PROBABILITIES[:, :1]
    labels = np.array([[1.0], [0.0], [1.0], [0.0]], "float32")
    expected = -np.log(np.where(labels == 1, yes, 1 - yes))[:, 0]
    np.testing.assert_allclose(crossentropy(labels, yes), expected, rtol=1e-4)


def test_files_name_it():
    saved = keras.saving.serialize_keras_object(crossentropy)
    assert keras.saving.deserialize_keras_object(saved) is crossentropy
