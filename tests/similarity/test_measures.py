import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist
from scipy.stats import spearmanr
from sklearn.metrics.pairwise import laplacian_kernel, rbf_kernel
from sklearn.preprocessing import KernelCenterer, StandardScaler

from keras_mtkd.similarity import dds, gradient_cosine, linear_cka, rbf_cka, rsa
from keras_mtkd.similarity.cka import kernel_cka

MEASURES = {
    "linear": linear_cka,
    "debiased": lambda x, y: linear_cka(x, y, debiased=True),
    "rbf": rbf_cka,
    "rbf-debiased": lambda x, y: rbf_cka(x, y, debiased=True),
    "rsa": rsa,
    "dds-linear": lambda x, y: dds(x, y, "linear"),
    "dds-rbf": lambda x, y: dds(x, y, "rbf"),
    "dds": dds,
}
BIASED = ["linear", "rbf"]
ROTATION_INVARIANT = ["linear", "debiased", "rbf", "rbf-debiased"]


@pytest.fixture
def pair():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40, 6))
    return x, x @ generator.normal(size=(6, 4)) + generator.normal(size=(40, 4))


def hsic_alignment(k, other):
    """CKA by scikit-learn's centring."""
    a, b = (KernelCenterer().fit_transform(m.copy()) for m in (k, other))
    return (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())


def unbiased_hsic(k, other):
    """Song et al. (2012), eq. 5, as it stands there."""
    n = len(k)
    k, other = k - np.diag(np.diag(k)), other - np.diag(np.diag(other))
    one = np.ones(n)
    first = np.trace(k @ other)
    second = (one @ k @ one) * (one @ other @ one) / ((n - 1) * (n - 2))
    third = 2 / (n - 2) * (one @ k @ other @ one)
    return (first + second - third) / (n * (n - 3))


def unbiased_alignment(k, other):
    norms = unbiased_hsic(k, k) * unbiased_hsic(other, other)
    return unbiased_hsic(k, other) / np.sqrt(norms)


def gaussian(x, sigma):
    median = np.median(pdist(x, "sqeuclidean"))
    return rbf_kernel(x, gamma=1 / (2 * sigma**2 * median))


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

    def test_rsa(self, pair):
        expected = spearmanr(*(pdist(side, "correlation") for side in pair)).statistic
        assert rsa(*pair) == pytest.approx(expected, rel=1e-8)

    def test_dds(self, pair):
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

    def test_gradient_cosine(self):
        gradients = np.random.default_rng(0).normal(size=(3, 10, 4))
        expected = np.mean(
            [1 - cdist(rows, rows, "cosine") for rows in gradients.transpose(1, 0, 2)], axis=0
        )
        np.testing.assert_allclose(gradient_cosine(gradients), expected, rtol=1e-8)


@pytest.mark.parametrize("name", MEASURES)
class TestInvariants:
    def test_a_feature_is_like_itself(self, name, pair):
        assert MEASURES[name](pair[0], pair[0]) == pytest.approx(1.0)

    def test_symmetry(self, name, pair):
        x, y = pair
        assert MEASURES[name](x, y) == pytest.approx(MEASURES[name](y, x))

    def test_isotropic_scale_does_not_matter(self, name, pair):
        x, y = pair
        assert MEASURES[name](3.0 * x, 0.1 * y) == pytest.approx(MEASURES[name](x, y), rel=1e-6)

    def test_order_of_samples_does_not_matter(self, name, pair):
        x, y = pair
        order = np.random.default_rng(1).permutation(len(x))
        assert MEASURES[name](x[order], y[order]) == pytest.approx(MEASURES[name](x, y))

    def test_a_constant_feature_is_like_nothing(self, name, pair):
        assert MEASURES[name](np.ones_like(pair[0]), pair[1]) == pytest.approx(0.0, abs=1e-9)

    def test_maps_are_flattened(self, name, pair):
        x, y = pair
        assert MEASURES[name](x.reshape(40, 2, 3), y) == pytest.approx(MEASURES[name](x, y))

    def test_samples_must_agree(self, name, pair):
        with pytest.raises(ValueError, match="40 and 39 samples"):
            MEASURES[name](pair[0], pair[1][1:])

    def test_features_must_be_finite(self, name, pair):
        with pytest.raises(ValueError, match="must be finite"):
            MEASURES[name](pair[0] * np.nan, pair[1])


@pytest.mark.parametrize("name", ROTATION_INVARIANT)
def test_rotation_does_not_matter(name, pair):
    x, y = pair
    rotation, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))
    assert MEASURES[name](x @ rotation, y) == pytest.approx(MEASURES[name](x, y), rel=1e-8)


def test_debiased_estimates_do_not_grow_with_the_number_of_features():
    generator = np.random.default_rng(3)
    wide = generator.normal(size=(2, 30, 400))
    assert linear_cka(*wide) > 0.9
    assert abs(linear_cka(*wide, debiased=True)) < 0.1


def test_too_few_samples_and_bad_arguments():
    x = np.zeros((3, 2))
    with pytest.raises(ValueError, match="at least 4 samples. Received: 3"):
        linear_cka(x, x, debiased=True)
    with pytest.raises(ValueError, match="at least 2 samples"):
        linear_cka(x[:1], x[:1])
    with pytest.raises(ValueError, match="Received: sigma=0"):
        rbf_cka(x, x, sigma=0)
    with pytest.raises(ValueError, match="Received: kernel='cubic'"):
        dds(x, x, "cubic")
    with pytest.raises(ValueError, match=r"Received: shape \(3, 2\)"):
        gradient_cosine(x)


def test_samples_without_gradient_do_not_count():
    gradients = np.zeros((2, 2, 3))
    gradients[:, 0] = [1.0, 0.0, 0.0]
    np.testing.assert_allclose(gradient_cosine(gradients), np.ones((2, 2)))


@pytest.mark.parametrize("offset", [0.0, 5.0])
def test_covariances_and_kernels_give_the_same_cka(offset):
    x, y = np.random.default_rng(4).normal(size=(2, 40, 6)) + offset
    y = y[:, :3] + x[:, 2:5]
    from_kernels = kernel_cka(x @ x.T, y @ y.T, debiased=False)
    assert linear_cka(x, y) == pytest.approx(from_kernels, rel=1e-10)
    assert linear_cka(x, np.ones_like(y)) == 0.0
