"""Means over what has a label, and nothing where nothing has."""

import numpy as np
import pytest
from keras import ops

from keras_mtkd._backend.keras_compat import set_keras_mask
from keras_mtkd.metrics._masked_mean import MaskedMean, MeanOfLabels, nan_unless, weights_of

# Two pictures of two pixels; one pixel has no label.
TRUTH = np.array([[1.0, 0.0], [2.0, 5.0]], "float32")
GUESS = np.array([[1.5, np.inf], [4.0, 5.0]], "float32")
VALID = TRUTH != 0


class Error(MaskedMean):
    def measure(self, y_true, y_pred):
        return ops.abs(y_true - y_pred), ops.not_equal(y_true, 0.0)


def test_the_mean_is_over_valid_pixels_of_all_batches():
    metric = Error("error")
    assert np.isnan(float(metric.result()))
    for row in ([0], [1]):
        metric.update_state(TRUTH[row], GUESS[row])
    assert float(metric.result()) == pytest.approx((0.5 + 2.0 + 0.0) / 3)
    metric.reset_state()
    assert np.isnan(float(metric.result()))


def test_weights_of_samples_and_of_pixels():
    for weight, expected in (
        ([2.0, 1.0], (2 * 0.5 + 2.0) / 4),
        ([[1.0, 7.0], [3.0, 0.0]], (0.5 + 3 * 2.0) / 4),
    ):
        metric = Error("error")
        metric.update_state(TRUTH, GUESS, np.array(weight, "float32"))
        assert float(metric.result()) == pytest.approx(expected)


def test_what_a_mask_leaves_out_has_no_weight():
    mask = ops.convert_to_tensor([[True, True], [False, True]])
    found = weights_of(VALID, None, mask, "float32")
    np.testing.assert_array_equal(found, [[1.0, 0.0], [0.0, 1.0]])
    guess = ops.convert_to_tensor(GUESS)
    set_keras_mask(guess, mask)
    metric = Error("error")
    metric.update_state(TRUTH, guess)
    assert float(metric.result()) == pytest.approx(0.25)


def test_a_mean_is_kept_in_single_precision_and_of_nothing_is_none():
    metric = MeanOfLabels("mean")
    assert metric.dtype == "float32"
    metric.update_state([3.0], [0.0])
    assert np.isnan(float(metric.result()))
    metric.update_state([3.0], [0.5])
    assert float(metric.result()) == 3.0
    np.testing.assert_array_equal(nan_unless(ops.convert_to_tensor(True), ops.ones(2)), [1.0, 1.0])
