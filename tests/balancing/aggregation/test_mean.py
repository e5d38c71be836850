import numpy as np
from balancing.gradient_sets import gradients, gram_of
from keras import ops

from keras_mtkd.balancing.aggregation._mean import cosines_with_mean, mean_length

FOUND = gradients(0, 4)
MEAN = FOUND.mean(axis=0)


def test_the_length_of_the_mean_gradient():
    np.testing.assert_allclose(mean_length(gram_of(FOUND)), np.linalg.norm(MEAN), rtol=1e-5)


def test_cosines_with_the_mean_gradient():
    expected = FOUND @ MEAN / np.linalg.norm(FOUND, axis=1) / np.linalg.norm(MEAN)
    np.testing.assert_allclose(cosines_with_mean(gram_of(FOUND)), expected, rtol=1e-4)


def test_there_is_no_cosine_without_a_gradient_or_a_mean():
    opposite = ops.convert_to_tensor([[1.0, -1.0], [-1.0, 1.0]])
    np.testing.assert_array_equal(cosines_with_mean(opposite), [0.0, 0.0])
    one = ops.convert_to_tensor([[4.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(cosines_with_mean(one), [1.0, 0.0], rtol=1e-6)
