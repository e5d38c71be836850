"""Representational similarity analysis."""

from typing import Any

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd.similarity._checks import features_pair
from keras_mtkd.similarity._registry import register


@mtkd_export("keras_mtkd.similarity.rsa")
@register("rsa")
def rsa(x: Any, y: Any) -> float:
    """Spearman correlation of two representational dissimilarity matrices.

    A dissimilarity is `1 - Pearson correlation` of two samples' features; the upper triangles are
    ranked and correlated.

    Args:
        x: Features `(samples, ...)`, flattened; at least 2 features.
        y: Features of the same samples.

    Returns:
        The similarity in [-1, 1]; 0 if all samples of a side are equally dissimilar.

    Raises:
        ValueError: If samples differ, or are fewer than 3.
        ImportError: If SciPy is not installed.

    Source: Dwivedi and Roig, "Representation Similarity Analysis for Efficient Task Taxonomy &
    Transfer Learning" (2019).
    """
    stats = require("scipy.stats", "scd")
    x, y = features_pair(x, y)
    if len(x) < 3:
        raise ValueError(f"RSA needs at least 3 samples. Received: {len(x)}.")
    upper = np.triu_indices(len(x), k=1)
    ranks = [stats.rankdata(dissimilarities(side)[upper].round(12)) for side in (x, y)]
    if any(np.ptp(rank) == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def dissimilarities(x: np.ndarray) -> np.ndarray:
    """`1 - Pearson correlation` between all samples; 1 where a sample has constant features."""
    centred = x - x.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = np.divide(centred, norms, out=np.zeros_like(centred), where=norms > 0)
    return 1.0 - unit @ unit.T
