import numpy as np
import pytest
from balancing.gradient_sets import difference, update
from balancing.published import TORCHJD

from keras_mtkd import balancing


@pytest.mark.parametrize("case", range(len(TORCHJD)))
def test_direction_of_the_bargain_is_the_published_one(case):
    # Lengths differ: the Gram matrix is normalised there, and the update cut to length 1.
    published = np.array(TORCHJD[case]["updates"]["nash_mtl"])
    step = update(balancing.NashMTL(), np.array(TORCHJD[case]["gradients"]))
    assert difference(step / np.linalg.norm(step), published / np.linalg.norm(published)) < 1e-2
