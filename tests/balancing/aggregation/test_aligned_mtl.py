import numpy as np
from balancing.gradient_sets import update

from keras_mtkd import balancing


def test_gradients_at_right_angles_are_aligned_to_the_shortest():
    found = np.diag([0.5, 2.0, 7.0])
    np.testing.assert_allclose(update(balancing.AlignedMTL(), found), [0.5] * 3, rtol=1e-4)
