import numpy as np
from balancing.gradient_sets import compiled, gradients, gram_of

from keras_mtkd.balancing.aggregation._mean import cosines_with_mean, mean_length

FOUND = gradients(0, 3)
MEAN = FOUND.mean(axis=0)
COSINES = compiled(cosines_with_mean)


def test_the_length_of_the_mean_gradient():
    found = compiled(mean_length)(gram_of(FOUND))
    np.testing.assert_allclose(found, np.linalg.norm(MEAN), rtol=1e-5)


def test_cosines_with_the_mean_gradient():
    expected = FOUND @ MEAN / np.linalg.norm(FOUND, axis=1) / np.linalg.norm(MEAN)
    np.testing.assert_allclose(COSINES(gram_of(FOUND)), expected, rtol=1e-4)


def test_there_is_no_cosine_without_a_gradient_or_a_mean():
    for found, expected in (
        ([[2.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]], [0, 0, 0]),
        ([[0.0, 2.0], [0.0, 0.0], [0.0, 0.0]], [1, 0, 0]),
    ):
        np.testing.assert_allclose(COSINES(gram_of(np.array(found))), expected, rtol=1e-6)
