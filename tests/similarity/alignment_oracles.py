"""Alignments of kernels, by scikit-learn and as their authors write them."""

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import KernelCenterer


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
