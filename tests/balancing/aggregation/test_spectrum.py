import numpy as np
from balancing.gradient_sets import gradients, gram_of
from keras import ops

from keras_mtkd.balancing.aggregation._spectrum import spectrum


def test_eigenvalues_are_squares_of_the_gradients_singular_values():
    found = gradients(0, 3)
    values, vectors, real = map(np.array, spectrum(gram_of(found)))
    np.testing.assert_allclose(values, np.linalg.svd(found)[1][::-1] ** 2, rtol=1e-4)
    np.testing.assert_allclose(vectors * values @ vectors.T, gram_of(found), rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(real, [1, 1, 1])


def test_what_is_left_of_dependent_gradients_is_rounding():
    found = gradients(0, 2)
    gram = gram_of(np.concatenate([found, found[:1] + found[1:]]))
    np.testing.assert_array_equal(spectrum(gram)[2], [0, 1, 1])
    np.testing.assert_array_equal(spectrum(ops.zeros((3, 3)))[2], [0, 0, 0])
