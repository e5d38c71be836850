import numpy as np
import pytest
from balancing.gradient_sets import gradients, update, weights_of

from keras_mtkd import balancing


def test_equiangular_cosines_are_equal_where_weights_are_not_zero():
    for tasks in (2, 3, 6):
        found = gradients(1, tasks)
        step, weights = update(balancing.EDM(), found), weights_of(balancing.EDM(), found)
        cosines = found @ step / np.linalg.norm(found, axis=1) / np.linalg.norm(step)
        assert np.ptp(cosines[weights > 1e-3]) < 1e-3
        assert cosines.min() > cosines[weights > 1e-3].min() - 1e-3
        assert weights.sum() == pytest.approx(1.0, rel=1e-5)
