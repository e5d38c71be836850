"""Logits and probabilities, each from the other."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from keras_mtkd.losses.forms import logits_of, probabilities_of
from keras_mtkd.losses.kinds import BINARY, CLASS

LOGITS = np.random.default_rng(0).normal(scale=3, size=(5, 3)).astype("float32")


def test_probabilities():
    np.testing.assert_allclose(probabilities_of(LOGITS, BINARY), expit(LOGITS), rtol=1e-5)
    for axis in (-1, 0):
        expected = softmax(LOGITS, axis=axis)
        np.testing.assert_allclose(probabilities_of(LOGITS, CLASS, axis), expected, rtol=1e-5)


def test_logits_up_to_what_softmax_forgets():
    np.testing.assert_allclose(logits_of(expit(LOGITS), BINARY), LOGITS, rtol=1e-3)
    found = np.asarray(logits_of(softmax(LOGITS, axis=-1), CLASS))
    centred = LOGITS - LOGITS.mean(-1, keepdims=True)
    np.testing.assert_allclose(found - found.mean(-1, keepdims=True), centred, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("kind", [CLASS, BINARY])
def test_certainty_is_finite_and_kept_in_order(kind, dtype):
    probabilities = np.array([[0.0, 1e-6, 0.5, 1.0]], dtype)
    logits = np.asarray(logits_of(probabilities, kind))
    assert logits.dtype == "float32"
    assert np.isfinite(logits).all()
    assert (np.diff(logits) > 0).all()
