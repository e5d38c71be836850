from functools import partial

import keras
import pytest

from keras_mtkd import losses
from keras_mtkd.losses.kinds import BINARY, CLASS, KINDS, REGRESSION, kind_of, with_form
from losses.keras_losses import CLASSES, FUNCTIONS, GENERATOR, OwnLoss, Sharper, camel


@pytest.mark.parametrize("name", CLASSES + FUNCTIONS)
def test_what_is_known_of_every_loss_of_keras(name):
    loss = getattr(keras.losses, name)
    loss = losses.get(loss() if name in CLASSES else loss)
    found = kind_of(loss)
    not_distances = ("Hinge", "Circle", "Ctc", "Dice", "Tversky")
    asked = camel(loss.fn.__name__).endswith(not_distances)
    assert (found.predicts in KINDS) != asked
    if found.predicts == REGRESSION:
        alike = GENERATOR.uniform(0.2, 0.8, size=(4, 3)).astype("float32")
        other = alike[:, ::-1].copy()
        assert float(loss(alike, alike)) < float(loss(alike, other))
    else:
        assert found.from_logits in (False, None)


def binary_crossentropy(y_true, y_pred):
    """Of the name of one of Keras', and not the same."""
    return y_pred - y_true


class Telling(OwnLoss):
    predicts, from_logits = "class", True


@pytest.mark.parametrize(
    ("loss", "predicts", "from_logits", "axis"),
    [
        (keras.losses.CategoricalCrossentropy(True, axis=1, name="own"), CLASS, True, 1),
        (keras.losses.SparseCategoricalCrossentropy(axis=1), CLASS, False, 1),
        (partial(keras.losses.binary_crossentropy, from_logits=True), BINARY, True, -1),
        (partial(keras.losses.categorical_crossentropy, axis=1), CLASS, False, 1),
        (Sharper(from_logits=True), BINARY, True, -1),
        (binary_crossentropy, None, None, -1),
        (OwnLoss(), None, None, -1),
        (Telling(), CLASS, True, -1),
        (losses.LogitKL(), CLASS, True, -1),
        (losses.MaskedMeanAbsoluteError(), REGRESSION, None, -1),
        (losses.NormalCosine(), REGRESSION, None, -1),
    ],
)
def test_what_a_loss_says_of_its_head(loss, predicts, from_logits, axis):
    found = kind_of(losses.get(loss))
    assert (found.predicts, found.from_logits, found.axis) == (predicts, from_logits, axis)


@pytest.mark.parametrize(
    ("loss", "size", "expected"),
    [
        ("binary_crossentropy", 1, "`loss=keras.losses.BinaryCrossentropy(from_logits=True)`"),
        (
            "binary_focal_crossentropy",
            3,
            "`loss=keras.losses.BinaryFocalCrossentropy(from_logits=True)`",
        ),
        (
            "crossentropy",
            3,
            "`loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)`",
        ),
        ("crossentropy", 1, "`loss=keras.losses.BinaryCrossentropy(from_logits=True)`"),
        (losses.LogitKL(), 3, "`from_logits=True` for the loss"),
        ("kl_divergence", 3, "a loss of logits"),
    ],
)
def test_what_to_write_for_the_other_form(loss, size, expected):
    assert with_form(losses.get(loss), True, size) == expected
