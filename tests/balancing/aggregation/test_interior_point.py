"""Convex problems over positive numbers, against their solutions."""

import numpy as np
import pytest
from balancing.gradient_sets import compiled
from keras import ops

from keras_mtkd.balancing.aggregation._interior_point import minimize

HESSIAN = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.2], [0.0, -0.2, 1.5]], "float32")


def solved(linear, row=None):
    """The `x >= 0` that minimises `x H x / 2 - linear x`, with `row x = row 1` if given."""

    def found(linear):
        def derivatives(x):
            return ops.sum(HESSIAN * x[..., None, :], axis=-1) - linear, HESSIAN

        return minimize(derivatives, ops.ones_like(linear), row)

    return compiled(found)(np.asarray(linear, "float32"))


def test_a_minimum_among_positive_numbers_is_the_plain_one():
    wanted = np.array([0.5, 2.0, 1.0])
    np.testing.assert_allclose(solved(HESSIAN @ wanted), wanted, rtol=1e-3)


def test_bounds_hold_one_problem_a_row():
    linear = np.array([[1.0, -2.0, 3.0], [-1.0, -1.0, -1.0]])
    # In the first row the second number is at its bound, and the others are free.
    np.testing.assert_allclose(solved(linear), [[0.5, 0.0, 2.0], [0.0, 0.0, 0.0]], atol=1e-3)


def test_a_sum_that_is_given_is_kept():
    row = np.array([1.0, 2.0, 1.0], "float32")
    found = solved([1.0, 1.0, 1.0], row).astype("float64")
    assert found @ row == pytest.approx(4.0, rel=1e-4)
    assert (found > 0).all()
    # By Lagrange: the gradient is a multiple of the row.
    slopes = (HESSIAN @ found - 1.0) / row
    np.testing.assert_allclose(slopes, slopes.mean(), atol=1e-2)
