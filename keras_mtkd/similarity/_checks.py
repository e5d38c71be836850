"""What the similarity measures share: checks and centring."""

from typing import Any

import numpy as np


def features_pair(x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Two feature matrices of the same samples, in float64, flattened to two axes.

    Raises:
        ValueError: If they differ in samples, have fewer than 2, or are not finite.
    """
    pair = []
    for values in (x, y):
        matrix = np.asarray(values, "float64")
        if matrix.ndim < 2 or len(matrix) < 2:
            raise ValueError(
                "Features must have shape (samples, ...) with at least 2 samples. "
                f"Received: shape {matrix.shape}."
            )
        if not np.isfinite(matrix).all():
            raise ValueError("Features must be finite.")
        pair.append(matrix.reshape(len(matrix), -1))
    if len(pair[0]) != len(pair[1]):
        raise ValueError(
            "Both features must belong to the same samples. "
            f"Received: {len(pair[0])} and {len(pair[1])} samples."
        )
    return pair[0], pair[1]


def ratio(value: float, norm: float) -> float:
    """`value / norm`, 0 where a feature is constant and nothing can be said."""
    return float(value / norm) if norm > 0 else 0.0
