import numpy as np
import pytest
from balancing.gradient_sets import difference, pairs, update, weights_of

from keras_mtkd import balancing


@pytest.mark.traced
def test_min_norm_of_two():
    for one, two in pairs():
        share = np.clip(two @ (two - one) / np.sum((one - two) ** 2), 0, 1)
        expected = share * one + (1 - share) * two
        found = update(balancing.MGDA(), np.array([one, two]))
        assert difference(found, expected) < 1e-4


def test_min_norm_reaches_the_ends_of_its_segment():
    weights = weights_of(balancing.MGDA(), np.array([[1.0, 0.0], [5.0, 0.0]]))
    np.testing.assert_allclose(weights, [1.0, 0.0], atol=1e-6)
