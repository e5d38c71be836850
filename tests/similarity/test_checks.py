"""What may be compared."""

import numpy as np
import pytest

from keras_mtkd.similarity._checks import features_pair, ratio


def test_features_become_two_matrices_in_double_precision():
    maps = np.arange(24, dtype="float16").reshape(2, 3, 4)
    x, y = features_pair(maps, [[1], [2]])
    np.testing.assert_array_equal(x, maps.reshape(2, 12))
    np.testing.assert_array_equal(y, [[1], [2]])
    assert x.dtype == y.dtype == np.float64


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros(3), r"at least 2 samples. Received: shape \(3,\)"),
        (np.zeros((1, 3)), r"at least 2 samples. Received: shape \(1, 3\)"),
        (np.array([[np.nan], [1.0], [1.0]]), "must be finite"),
        (np.zeros((2, 3)), "Received: 2 and 3 samples"),
    ],
)
def test_what_cannot_be_compared_is_refused(x, message):
    with pytest.raises(ValueError, match=message):
        features_pair(x, np.zeros((3, 1)))


def test_nothing_can_be_said_of_a_constant_feature():
    assert ratio(3.0, 2.0) == 1.5
    assert ratio(0.0, 0.0) == 0.0
