import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from keras_mtkd.similarity import rsa


def test_rsa(pair):
    expected = spearmanr(*(pdist(side, "correlation") for side in pair)).statistic
    assert rsa(*pair) == pytest.approx(expected, rel=1e-8)
