import numpy as np
import pytest
from balancing import gradient_oracles as oracles
from balancing.gradient_sets import gradients, update

from keras_mtkd import balancing


@pytest.mark.traced
def test_no_direction_found_in_a_narrow_cone_serves_the_worst_task_better():
    found, cosine = gradients(7, 3, scales=True), 0.95
    step = update(balancing.ConicGrad(cosine), found)
    other = oracles.conicgrad(found, cosine)
    mean = found.mean(axis=0)
    size = np.linalg.norm(mean)
    assert step @ mean / (size * np.linalg.norm(step)) > cosine - 1e-4
    assert np.min(found @ step) >= np.min(found @ other) - 1e-3 * abs(np.min(found @ other))
