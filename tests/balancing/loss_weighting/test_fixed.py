import numpy as np
from balancing.loss_sets import losses, start, step

from keras_mtkd import balancing


def test_equal_and_fixed():
    for method, expected in (
        (balancing.EqualWeights(), [1, 1, 1]),
        (balancing.FixedWeights([3.0, 0.0, 0.5]), [3, 0, 0.5]),
    ):
        weights, state = step(method, losses(0)[0], start(method))
        np.testing.assert_array_equal(weights, expected)
        assert state == {}
