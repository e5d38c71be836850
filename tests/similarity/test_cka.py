import numpy as np
import pytest

from keras_mtkd.similarity import linear_cka, rbf_cka
from keras_mtkd.similarity.cka import kernel_cka
from similarity.alignment_oracles import gaussian, hsic_alignment, unbiased_alignment


class TestOracles:
    def test_linear_cka(self, pair):
        x, y = (side - side.mean(axis=0) for side in pair)
        # Kornblith et al. (2019), eq. 7: the form by features.
        norm = np.linalg.norm
        expected = norm(y.T @ x) ** 2 / (norm(x.T @ x) * norm(y.T @ y))
        assert linear_cka(*pair) == pytest.approx(expected, rel=1e-10)

    def test_debiased_linear_cka(self, pair):
        expected = unbiased_alignment(*(side @ side.T for side in pair))
        assert linear_cka(*pair, debiased=True) == pytest.approx(expected, rel=1e-10)

    @pytest.mark.parametrize("sigma", [0.3, 1.0])
    def test_rbf_cka(self, pair, sigma):
        kernels = [gaussian(side, sigma) for side in pair]
        assert rbf_cka(*pair, sigma=sigma) == pytest.approx(hsic_alignment(*kernels), rel=1e-8)
        expected = unbiased_alignment(*kernels)
        assert rbf_cka(*pair, sigma=sigma, debiased=True) == pytest.approx(expected, rel=1e-8)


def test_debiased_estimates_do_not_grow_with_the_number_of_features():
    generator = np.random.default_rng(3)
    wide = generator.normal(size=(2, 30, 400))
    assert linear_cka(*wide) > 0.9
    assert abs(linear_cka(*wide, debiased=True)) < 0.1


@pytest.mark.parametrize("offset", [0.0, 5.0])
def test_covariances_and_kernels_give_the_same_cka(offset):
    x, y = np.random.default_rng(4).normal(size=(2, 40, 6)) + offset
    y = y[:, :3] + x[:, 2:5]
    from_kernels = kernel_cka(x @ x.T, y @ y.T, debiased=False)
    assert linear_cka(x, y) == pytest.approx(from_kernels, rel=1e-10)
    assert linear_cka(x, np.ones_like(y)) == 0.0
