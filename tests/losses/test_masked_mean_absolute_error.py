import numpy as np
import pytest

from keras_mtkd import losses
from losses.weighted_maps import DEPTH, ONE, STUDENT


def test_another_mark_for_unknown_depth():
    truth = np.array([[[[-1.0], [2.0]]]], "float32")
    guess = np.zeros_like(truth)
    assert float(losses.MaskedMeanAbsoluteError(invalid=-1.0)(truth, guess)) == 2.0


def test_labels_of_other_maps_are_refused():
    with pytest.raises(ValueError, match=r"labels of shape \(3, 3\), predictions of shape"):
        losses.MaskedMeanAbsoluteError()(DEPTH[:, :, 0, 0], STUDENT[ONE])
