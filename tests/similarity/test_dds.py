import pytest
from sklearn.metrics.pairwise import laplacian_kernel
from sklearn.preprocessing import StandardScaler

from keras_mtkd.similarity import dds
from similarity.alignment_oracles import gaussian, unbiased_alignment


def test_dds(pair):
    scaled = [StandardScaler().fit_transform(side) for side in pair]
    assert dds(*pair, "linear") == pytest.approx(
        unbiased_alignment(*(side @ side.T for side in scaled)), rel=1e-8
    )
    assert dds(*pair, "rbf") == pytest.approx(
        unbiased_alignment(*(gaussian(side, 0.5) for side in scaled)), rel=1e-8
    )
    assert dds(*pair) == pytest.approx(
        unbiased_alignment(*(laplacian_kernel(side) for side in scaled)), rel=1e-8
    )
