"""Mixtures of gradients, against a fine grid over all mixtures of three."""

import numpy as np
import pytest
from balancing.gradient_sets import compiled, gradients, gram_of

from keras_mtkd.balancing.aggregation import _simplex

STEPS = 100
GRID = np.array([(i, j, STEPS - i - j) for i in range(STEPS + 1) for j in range(STEPS + 1 - i)])
GRID = GRID / STEPS
FOUND = gradients(2, 3)
MEAN = FOUND.mean(axis=0)
DIRECTION = MEAN / np.linalg.norm(MEAN)
SHORTEST, NEAREST = compiled(_simplex.min_norm), compiled(_simplex.linear_and_length)


def min_norm(found):
    return SHORTEST(gram_of(found)).astype("float64")


def is_mixture(weights):
    return np.all(weights >= 0) and weights.sum() == pytest.approx(1.0, rel=1e-5)


def test_no_mixture_is_shorter():
    found = FOUND * np.array([0.5, 1.0, 3.0])[:, None]
    weights = min_norm(found)
    assert is_mixture(weights)
    least = np.linalg.norm(GRID @ found, axis=1).min()
    assert np.linalg.norm(weights @ found) <= 1.001 * least


def test_no_mixture_has_less_of_a_direction_and_of_length():
    linear, root = 0.3, 0.9
    cosines = (FOUND @ DIRECTION / np.linalg.norm(FOUND, axis=1)).astype("float32")
    given = (np.float32(linear), np.float32(root))
    weights = NEAREST(gram_of(FOUND), cosines, *given).astype("float64")
    assert is_mixture(weights)

    def objective(mixtures):
        return linear * mixtures @ FOUND @ DIRECTION + root * np.linalg.norm(
            mixtures @ FOUND, axis=-1
        )

    assert objective(weights) <= objective(GRID).min() + 1e-4
