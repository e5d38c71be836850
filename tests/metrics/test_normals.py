import numpy as np
import pytest

from keras_mtkd.metrics import NormalAngle, NormalMedianAngle
from metrics.labelled_maps import NORMAL, TURNED, VALID, value


def test_normals_that_are_nan_where_there_is_none():
    truth = np.where(VALID[..., None], NORMAL, np.nan)
    for make in (NormalAngle, NormalMedianAngle):
        assert value(make(), truth, TURNED) == pytest.approx(value(make(), NORMAL, TURNED))
