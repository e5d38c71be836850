"""Losses over labelled pixels against NumPy."""

import numpy as np
import pytest

from keras_mtkd import losses
from losses.programs import with_gradient


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.fixture(params=["depth", "normal"])
def case(request):
    generator = np.random.default_rng(0)
    hole = generator.random((3, 4, 5)) < 0.4
    if request.param == "depth":
        truth = generator.uniform(1, 3, size=(3, 4, 5, 1))
        guess = generator.normal(size=truth.shape)
        loss, values = losses.MaskedMeanAbsoluteError(), lambda t, g: np.abs(t - g)[..., 0]
    else:
        truth, guess = unit(generator.normal(size=(2, 3, 4, 5, 3)))
        loss, values = losses.NormalCosine(), lambda t, g: 1 - (t * g).sum(-1)
    truth[hole] = 0.0
    return loss, truth.astype("float32"), guess.astype("float32"), ~hole, values(truth, guess)


def test_mean_over_valid_pixels(case):
    loss, truth, guess, valid, values = case
    assert float(loss(truth, guess)) == pytest.approx(values[valid].mean(), rel=1e-5)


def test_sample_weights_a_pixel_and_none(case):
    loss, truth, guess, valid, values = case
    weights = np.random.default_rng(1).uniform(size=valid.shape).astype("float32")
    expected = (values * weights * valid).sum() / valid.sum()
    assert float(loss(truth, guess, sample_weight=weights)) == pytest.approx(expected, rel=1e-5)
    each = type(loss)(reduction=None)
    np.testing.assert_allclose(each(truth, guess), values * valid, rtol=1e-4, atol=1e-5)


def test_without_labels_there_is_neither_loss_nor_gradient(case):
    loss, truth, guess, _, _ = case
    nothing = np.zeros_like(truth)
    value, slopes = with_gradient(loss)(nothing, guess)
    assert value == 0.0
    np.testing.assert_array_equal(slopes, 0.0)


def test_gradient_is_zero_exactly_where_there_is_no_label(case):
    loss, truth, guess, valid, _ = case
    _, slopes = with_gradient(loss)(truth, guess)
    assert np.isfinite(slopes).all()
    np.testing.assert_array_equal(slopes.any(-1), valid)
