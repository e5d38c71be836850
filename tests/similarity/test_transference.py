import keras
import numpy as np
from helpers import equal_weights, snapshot, toy_data, toy_losses, toy_model

from keras_mtkd.similarity import transference
from similarity.two_regressions import linear_problem


def test_transference_is_the_loss_after_a_step():
    model, losses, x, y, (shared, *heads) = linear_problem()
    heads = dict(zip("uv", heads, strict=True))
    before = snapshot(model)

    def loss(kernel, task):
        return ((x @ kernel @ heads[task] - y[task]) ** 2).mean()

    expected = np.zeros((2, 2))
    for i, one in enumerate("uv"):
        slope = 2 / len(x) * x.T @ (x @ shared @ heads[one] - y[one]) @ heads[one].T
        for j, other in enumerate("uv"):
            expected[i, j] = 1 - loss(shared - 0.05 * slope, other) / loss(shared, other)
    matrix = transference(model, losses, (x, y), learning_rate=0.05)
    np.testing.assert_allclose(matrix, expected, rtol=1e-3, atol=1e-6)
    assert (np.diag(matrix) > 0).all()
    assert equal_weights(before, snapshot(model))


def test_transference_leaves_batch_statistics_alone():
    model = toy_model(batch_norm=True)
    before = snapshot(model)
    matrix = transference(model, toy_losses(), toy_data())
    assert matrix.shape == (2, 2)
    assert np.isfinite(matrix).all()
    assert equal_weights(before, snapshot(model))


def test_a_batch_without_labels_of_a_task_does_not_count_for_it():
    model, losses, x, y, _ = linear_problem()

    class Batches(keras.utils.PyDataset):
        num_batches = 2

        def __getitem__(self, index):
            return x, (y if index == 0 else {"u": y["u"]})

    matrix, expected = (transference(model, losses, data) for data in (Batches(), (x, y)))
    np.testing.assert_allclose(matrix[1, 1], expected[1, 1], rtol=1e-5)
    np.testing.assert_allclose(matrix[0], expected[0], rtol=1e-5)
