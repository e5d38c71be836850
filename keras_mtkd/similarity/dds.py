"""Duality diagram similarity."""

from typing import Any

import numpy as np

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.similarity._checks import features_pair
from keras_mtkd.similarity._registry import register
from keras_mtkd.similarity.cka import kernel_cka, squared_distances

KERNELS = ("linear", "rbf", "laplacian")


@mtkd_export("keras_mtkd.similarity.dds")
@register("dds")
def dds(x: Any, y: Any, kernel: str = "laplacian") -> float:
    """Debiased alignment of the Gram matrices of z-scored features.

    Args:
        x: Features `(samples, ...)`, flattened.
        y: Features of the same samples.
        kernel: `"linear"`, `"rbf"` (bandwidth `sigma^2 = 0.25 * median squared distance`) or
            `"laplacian"` (`exp(-L1 distance / features)`).

    Returns:
        The similarity, at most 1.

    Raises:
        ValueError: If samples differ or are fewer than 4, or the kernel is not known.

    Source: Dwivedi et al., "Duality Diagram Similarity" (2020), and the authors' code: z-score
    normalisation, kernel, debiased centring, alignment.
    """
    check_choice("kernel", kernel, KERNELS)
    x, y = features_pair(x, y)
    return kernel_cka(_gram(_z_score(x), kernel), _gram(_z_score(y), kernel), debiased=True)


def _z_score(x: np.ndarray) -> np.ndarray:
    spread = x.std(axis=0)
    return np.divide(x - x.mean(axis=0), spread, out=np.zeros_like(x), where=spread > 0)


def _gram(x: np.ndarray, kernel: str) -> np.ndarray:
    if kernel == "linear":
        return x @ x.T
    if kernel == "laplacian":
        # One row at a time: all pairs at once would take samples² × features numbers.
        distances = np.stack([np.abs(x - row).sum(axis=1) for row in x])
        return np.exp(-distances / x.shape[1])
    squares = squared_distances(x)
    median = np.median(squares[~np.eye(len(x), dtype=bool)])
    return np.exp(-squares / (2.0 * 0.25 * median)) if median > 0 else np.ones_like(squares)
