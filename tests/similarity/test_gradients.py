import numpy as np
from scipy.spatial.distance import cdist

from keras_mtkd.similarity import gradient_cosine, gradient_similarity
from similarity.two_regressions import linear_problem


def test_gradient_cosine():
    gradients = np.random.default_rng(0).normal(size=(3, 10, 4))
    expected = np.mean(
        [1 - cdist(rows, rows, "cosine") for rows in gradients.transpose(1, 0, 2)], axis=0
    )
    np.testing.assert_allclose(gradient_cosine(gradients), expected, rtol=1e-8)


def test_samples_without_gradient_do_not_count():
    gradients = np.zeros((2, 2, 3))
    gradients[:, 0] = [1.0, 0.0, 0.0]
    np.testing.assert_allclose(gradient_cosine(gradients), np.ones((2, 2)))


def test_gradient_similarity_is_the_cosine_at_the_shared_layer():
    model, losses, x, y, (shared, *heads) = linear_problem()
    gradients = [
        2 * (x @ shared @ head - y[task]) @ head.T for task, head in zip("uv", heads, strict=True)
    ]
    expected = gradient_cosine(np.stack(gradients))
    matrix = gradient_similarity(model, losses, (x, y))
    np.testing.assert_allclose(matrix, expected, rtol=1e-4)
    np.testing.assert_allclose(np.diag(matrix), 1.0, rtol=1e-5)
