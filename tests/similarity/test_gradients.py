import keras
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_mtkd.similarity import gradient_cosine, gradient_similarity, transference
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


def test_batches_without_labels_of_a_task_do_not_count():
    model, losses, x, y, _ = linear_problem()
    size = len(x) // 2
    batches = [
        (x[:size], {task: labels[:size] for task, labels in y.items()}),
        (x[size:], {"u": y["u"][size:], "v": None}),
    ]
    matrix = gradient_similarity(model, losses, batches_again(batches))
    expected = gradient_similarity(model, losses, batches[0])
    np.testing.assert_allclose(matrix[0, 1], expected[0, 1], rtol=1e-5)


def batches_again(batches):
    class Batches(keras.utils.PyDataset):
        num_batches = len(batches)

        def __getitem__(self, index):
            return batches[index]

    return Batches()


@pytest.mark.parametrize("measure", [gradient_similarity, transference])
def test_a_task_without_labels_is_named(measure):
    model, losses, x, y, _ = linear_problem()
    with pytest.raises(ValueError, match="no labels for task 'v'"):
        measure(model, losses, (x, {"u": y["u"], "v": None}))
    with pytest.raises(ValueError, match="no labels for task 'u'"):
        measure(model, losses, x)
