"""Arithmetic of gradients in lists, where nothing stands for zeros."""

import numpy as np
from keras import ops

from keras_mtkd.balancing.linalg import jacobian_rows as rows

GENERATOR = np.random.default_rng(0)
FIRST, SECOND = GENERATOR.normal(size=(2, 3)), GENERATOR.normal(size=4)
ONE = [ops.convert_to_tensor(FIRST[0], "float32"), None, None]
OTHER = [ops.convert_to_tensor(FIRST[1], "float32"), ops.convert_to_tensor(SECOND, "float32"), None]


def dense(row):
    """One vector, with the zeros written out."""
    parts = [np.zeros(3), np.zeros(4), np.zeros(2)]
    pairs = zip(row, parts, strict=True)
    return np.concatenate([zeros if part is None else np.array(part) for part, zeros in pairs])


def gaps(row):
    return [part is None for part in row]


def test_multiples_sums_and_differences():
    for found, expected in (
        (rows.times(2.0, OTHER), 2 * dense(OTHER)),
        (rows.total([ONE, OTHER, ONE]), 2 * dense(ONE) + dense(OTHER)),
        (rows.minus(ONE, OTHER), dense(ONE) - dense(OTHER)),
        (rows.mixture([0.5, -1.0], [ONE, OTHER]), 0.5 * dense(ONE) - dense(OTHER)),
    ):
        np.testing.assert_allclose(dense(found), expected, rtol=1e-5)
        assert gaps(found) == [False, False, True]


def test_a_product_is_nothing_where_either_is():
    found = rows.product(ONE, OTHER)
    np.testing.assert_allclose(dense(found), dense(ONE) * dense(OTHER), rtol=1e-5)
    assert gaps(found) == [False, True, True]


def test_lengths_and_inner_products():
    assert np.isclose(rows.length(OTHER), np.linalg.norm(dense(OTHER)), rtol=1e-5)
    assert float(rows.length([None, None])) == 0.0
    matrix = np.stack([dense(ONE), dense(OTHER)])
    np.testing.assert_allclose(rows.gram([ONE, OTHER]), matrix @ matrix.T, rtol=1e-5)
    np.testing.assert_array_equal(rows.gram([[None], [None]]), np.zeros((2, 2)))


def test_zeros_are_written_out_where_one_of_them_has_a_tensor():
    first, second = rows.fill([None, OTHER[1]])
    np.testing.assert_array_equal(first, np.zeros(4))
    assert second is OTHER[1]
    assert rows.fill([None, None]) == []
