"""What a Gram matrix says, against the gradients that it came from."""

import numpy as np
from balancing.gradient_sets import compiled, gram_of

from keras_mtkd.balancing.linalg import gramian

ROWS = np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 0.0], [-6.0, -8.0, 0.0], [0.0, 1.0, 2.0]])
GRAM = gram_of(ROWS)
WEIGHTS = np.array([[1.0, 5.0, 0.25, 2.0], [2.0, 0.0, 1.0, 0.0]], "float32")


def test_lengths_of_gradients_and_of_mixtures():
    np.testing.assert_allclose(
        compiled(gramian.norms)(GRAM), np.linalg.norm(ROWS, axis=1), rtol=1e-6
    )
    expected = np.linalg.norm(WEIGHTS @ ROWS, axis=1)
    found = compiled(gramian.length)(GRAM, WEIGHTS)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-3)


def test_products_along_the_last_axis():
    np.testing.assert_allclose(compiled(gramian.times)(GRAM, WEIGHTS), WEIGHTS @ GRAM, rtol=1e-6)
    np.testing.assert_allclose(gramian.dot(WEIGHTS, WEIGHTS), (WEIGHTS**2).sum(-1), rtol=1e-6)


def test_a_zero_gradient_is_absent_and_at_right_angles_to_all_others():
    np.testing.assert_array_equal(compiled(gramian.present)(GRAM), [1, 0, 1, 1])
    expected = np.array([[1, 0, -1, 0.8 / 5**0.5], [0, 1, 0, 0], [-1, 0, 1, -0.8 / 5**0.5]])
    found = compiled(gramian.cosines)(GRAM)
    np.testing.assert_allclose(found[:3], expected, atol=1e-6)
    np.testing.assert_array_equal(found, found.T)


def test_an_inverse_of_nothing_is_nothing():
    np.testing.assert_allclose(gramian.inverse(np.array([4.0, 0.0], "float32")), [0.25, 0.0])


def test_equations_are_solved_in_batches():
    matrix = np.random.default_rng(0).normal(size=(2, 3, 3)).astype("float32") + 3 * np.eye(3)
    vector = np.ones((2, 3), "float32")
    found = compiled(gramian.solve)(matrix.astype("float32"), vector)
    np.testing.assert_allclose(np.einsum("bij,bj->bi", matrix, found), vector, rtol=1e-4)


def test_weights_sum_to_one_or_are_equal():
    summing = compiled(gramian.summing_to_one)
    np.testing.assert_allclose(summing(np.array([1, 3, 0, 0], "float32")), [0.25, 0.75, 0, 0])
    np.testing.assert_allclose(summing(np.zeros(4, "float32")), [0.25] * 4)
    np.testing.assert_allclose(gramian.equal(4), [0.25] * 4)
    np.testing.assert_allclose(gramian.ridge(2), gramian.RIDGE * np.eye(2))
