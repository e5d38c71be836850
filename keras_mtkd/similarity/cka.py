"""Centred kernel alignment."""

from typing import Any

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.similarity._checks import features_pair, ratio
from keras_mtkd.similarity._registry import register


@mtkd_export("keras_mtkd.similarity.linear_cka")
@register("cka")
@register("cka-debiased", debiased=True)
def linear_cka(x: Any, y: Any, debiased: bool = False) -> float:
    """CKA of two features with linear kernels.

    `HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L))` with `K = x x^T`, `L = y y^T`. Invariant to
    rotation and isotropic scaling of either side.

    Args:
        x: Features `(samples, ...)`, flattened.
        y: Features of the same samples.
        debiased: Whether to use the unbiased estimate of HSIC, which does not grow with the
            number of features; needs at least 4 samples and may be slightly negative.

    Returns:
        The similarity, in [0, 1] if biased; 0 if a feature is constant.

    Raises:
        ValueError: If samples differ or are too few.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(50, 3))
        >>> round(linear_cka(x, 2.0 * x[:, ::-1]), 6)
        1.0

    Source: Kornblith et al., "Similarity of Neural Network Representations Revisited" (2019);
    debiased: Nguyen et al., "Do Wide and Deep Networks Learn the Same Things?" (2021), eq. 3.
    """
    x, y = features_pair(x, y)
    if not debiased and x.shape[1] + y.shape[1] < len(x):
        return _feature_space_cka(x, y)
    return kernel_cka(x @ x.T, y @ y.T, debiased)


def _feature_space_cka(x: np.ndarray, y: np.ndarray) -> float:
    """Biased linear CKA from covariances, which are smaller than kernels of many samples."""
    a, b = x - x.mean(axis=0), y - y.mean(axis=0)
    squares = [((one.T @ other) ** 2).sum() for one, other in ((a, b), (a, a), (b, b))]
    raw = [((one.T @ one) ** 2).sum() for one in (x, y)]
    return _aligned(squares[0], squares[1] * squares[2], raw[0] * raw[1])


@mtkd_export("keras_mtkd.similarity.rbf_cka")
@register("rbf-cka")
def rbf_cka(x: Any, y: Any, sigma: float = 0.5, debiased: bool = False) -> float:
    """CKA of two features with Gaussian kernels.

    Args:
        x: Features `(samples, ...)`, flattened.
        y: Features of the same samples.
        sigma: Bandwidth as a multiple of each side's median distance between samples.
        debiased: As in `linear_cka`.

    Returns:
        The similarity, in [0, 1] if biased.

    Raises:
        ValueError: If samples differ or are too few, or `sigma` is not positive.

    Source: Kornblith et al. (2019), section 4, with the bandwidth relative to the median.
    """
    if not sigma > 0:
        raise ValueError(f"`sigma` must be positive. Received: sigma={sigma}.")
    x, y = features_pair(x, y)
    return kernel_cka(rbf_kernel(x, sigma), rbf_kernel(y, sigma), debiased)


def rbf_kernel(x: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian kernel `(samples, samples)`, bandwidth `sigma` times the median distance."""
    squares = squared_distances(x)
    median = np.median(squares[~np.eye(len(x), dtype=bool)])
    return np.exp(-squares / (2.0 * sigma**2 * median)) if median > 0 else np.ones_like(squares)


def squared_distances(x: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances between all samples, never below 0."""
    norms = (x**2).sum(axis=1)
    return np.maximum(norms[:, None] + norms[None] - 2.0 * x @ x.T, 0.0)


def kernel_cka(k: np.ndarray, other: np.ndarray, debiased: bool) -> float:
    """CKA of two kernel matrices `(samples, samples)`.

    Raises:
        ValueError: If the estimate is to be debiased from fewer than 4 samples.
    """
    if debiased and len(k) < 4:
        raise ValueError(f"A debiased CKA needs at least 4 samples. Received: {len(k)}.")
    center = _center_unbiased if debiased else _center
    a, b = center(k), center(other)
    norms = (a * a).sum() * (b * b).sum()
    return _aligned((a * b).sum(), norms, (k * k).sum() * (other * other).sum())


def _aligned(product: float, norms: float, raw: float) -> float:
    """Alignment from the product of centred kernels, their norms squared, and those uncentred."""
    # Constant features leave rounding errors only, which must not be blown up to a similarity.
    floor = 1e-24 * (raw + np.finfo(float).tiny)
    return ratio(product, np.sqrt(norms)) if norms > floor else 0.0


def _center(kernel: np.ndarray) -> np.ndarray:
    return kernel - kernel.mean(axis=0) - kernel.mean(axis=1, keepdims=True) + kernel.mean()


def _center_unbiased(kernel: np.ndarray) -> np.ndarray:
    """U-centring (Székely and Rizzo, 2014): the sums of products are then unbiased HSIC."""
    kernel, n = kernel.copy(), len(kernel)
    np.fill_diagonal(kernel, 0.0)
    means = kernel.sum(axis=0) / (n - 2)
    centred = kernel - means - means[:, None] + kernel.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0.0)
    return centred
