"""Teachers of quantities in other units, found by their errors on the first labels."""

import keras
import numpy as np
import pytest

from keras_mtkd import losses
from keras_mtkd.distillation.units import other_units

DRAWN = np.random.default_rng(0)
Z = DRAWN.normal(size=(64, 1))
LABELS = (1600.0 + 900.0 * Z).astype("float32")
NEAR = Z + 0.3 * DRAWN.normal(size=Z.shape)
MSE = keras.losses.MeanSquaredError()


def found(predictions, labels=LABELS, loss=MSE, weight=None):
    return other_units(loss, labels, np.asarray(predictions, "float32"), weight)


@pytest.mark.parametrize(
    ("predictions", "told"),
    [
        (NEAR, True),
        (100 * LABELS, True),
        (1600 + 900 * NEAR, False),
        # A teacher that knows little is none in other units, nor is one that knows nothing.
        (1600 + 900 * (0.2 * Z + DRAWN.normal(size=Z.shape)), False),
        (DRAWN.normal(size=Z.shape), False),
        (np.zeros_like(Z), False),
        (-NEAR, False),
        (NEAR[:, 0], True),
        (np.full_like(Z, np.nan), False),
    ],
    ids=["standard", "times", "right", "poor", "none", "constant", "minus", "flat", "nan"],
)
def test_by_errors_and_ups_and_downs(predictions, told):
    assert (found(predictions) is not None) is told


def test_few_samples_tell_nothing():
    assert found(NEAR[:20], LABELS[:20]) is None
    assert found(NEAR, weight=np.arange(64) < 20) is None


def test_labels_that_are_missing_do_not_count():
    labels = np.where(np.arange(64)[:, None] % 2, LABELS, -1e9)
    right = found(1600 + 900 * NEAR, labels, weight=np.arange(64) % 2)
    assert right is None
    assert found(NEAR, labels, weight=np.arange(64) % 2).samples == 32


def test_maps_with_pixels_that_have_no_depth():
    depth = 1.0 + DRAWN.random((40, 3, 3, 1)).astype("float32")
    labels = np.where(DRAWN.random(depth.shape) < 0.3, 0.0, depth)
    loss = losses.MaskedMeanAbsoluteError()
    assert found(depth, labels, loss) is None
    wrong = found(1000 * depth, labels, loss)
    np.testing.assert_allclose(wrong.line, [1e-3, 0.0], atol=1e-5)


def test_what_the_loss_compares_otherwise_is_right_as_it_is():
    def of_standardised(y, p):
        return keras.ops.mean(((y - 1600.0) / 900.0 - p) ** 2, axis=-1)

    assert found(NEAR, loss=losses.get(of_standardised)) is None
    directions = DRAWN.normal(size=(64, 3)).astype("float32")
    assert found(30 * directions, directions, keras.losses.CosineSimilarity()) is None


def test_the_warning_has_the_numbers_and_the_mend():
    units = found(Z)
    np.testing.assert_allclose(units.line, [900.0, 1600.0], rtol=1e-3)
    told = units.warning("price")
    assert "teacher of 'price'" in told
    assert "keras.layers.Rescaling(SCALE, OFFSET)(t.outputs[0])" in told
    for part in ("standardised", "divided by a number", "An estimate from these 64 samples"):
        assert part in told
    assert "`Rescaling(900, 1600)`" in told
    assert "`Rescaling(100, 0)`" in found(LABELS / 100).warning("price")
    both = np.concatenate([LABELS, LABELS], axis=1)
    several = found(np.concatenate([Z, Z], axis=1), both)
    assert several.line is None
    assert "a number for each quantity" in several.warning("price")
