import numpy as np
import pytest

from keras_mtkd.metrics import DepthError
from metrics.labelled_maps import DEPTH, GUESS, value


@pytest.mark.parametrize("relative", [False, True])
def test_depth_that_is_nan_where_there_is_none(relative):
    truth = np.where(DEPTH == 0, np.nan, DEPTH)
    plain = value(DepthError(relative), DEPTH, GUESS)
    found = DepthError(relative, invalid=float("nan"))
    assert value(found, truth, GUESS) == pytest.approx(plain, rel=1e-6)
