import keras
import numpy as np
import pytest
from helpers import equal_weights, snapshot, toy_data, toy_losses, toy_model

from keras_mtkd.datasets import ArrayDataset
from keras_mtkd.similarity import (
    gradient_cosine,
    gradient_similarity,
    linear_cka,
    task_similarity,
    transference,
)
from keras_mtkd.similarity.task_similarity import pool_to_grid


def feature(model, x):
    return np.array(keras.Model(model.input, model.get_layer("features").output)(x))


class TestTaskSimilarity:
    @pytest.fixture
    def teachers(self):
        return {"a": toy_model(("a",), 5), "b": toy_model(("b",), 7), "c": toy_model(("a",), 5)}

    @pytest.mark.parametrize("kind", ["array", "pair", "data set"])
    def test_compares_features_of_the_same_inputs(self, teachers, kind):
        x, y = toy_data(samples=40)
        data = {"array": x, "pair": (x, y), "data set": ArrayDataset(x, y, batch_size=16)}[kind]
        matrix = task_similarity(teachers, data, samples=40)
        features = [feature(teacher, x) for teacher in teachers.values()]
        expected = [[linear_cka(one, other) for other in features] for one in features]
        np.testing.assert_allclose(matrix, expected, rtol=1e-5)

    def test_reads_so_many_samples(self, teachers):
        x, _ = toy_data(samples=100)
        matrix = task_similarity(teachers, x, samples=30)
        np.testing.assert_allclose(matrix, task_similarity(teachers, x[:30]), rtol=1e-10)

    def test_permuting_teachers_permutes_the_matrix(self, teachers):
        x, _ = toy_data()
        matrix = task_similarity(teachers, x)
        turned = task_similarity(dict(reversed(teachers.items())), x)
        np.testing.assert_allclose(turned, matrix[::-1, ::-1], rtol=1e-6)

    def test_layers_and_measures_can_be_chosen(self, teachers):
        x, _ = toy_data()
        layers = {"a": "hidden", "b": "features", "c": "hidden"}
        matrix = task_similarity(teachers, x, lambda a, b: a.shape[1] * b.shape[1], layers)
        assert matrix[0, 1] == 35
        with pytest.raises(ValueError, match="Received: measure='magic'"):
            task_similarity(teachers, x, "magic")
        with pytest.raises(ValueError, match="no layer 'nowhere'"):
            task_similarity(teachers, x, layer="nowhere")

    def test_data_must_be_readable_again(self, teachers):
        with pytest.raises(ValueError, match="can be read again.*generator"):
            task_similarity(teachers, (x for x in ()))
        with pytest.raises(ValueError, match="probe data is empty"):
            task_similarity(teachers, np.zeros((0, 6)))


def test_maps_are_pooled_to_a_grid():
    maps = np.arange(2 * 4 * 6 * 3, dtype="float32").reshape(2, 4, 6, 3)
    pooled = np.array(pool_to_grid(maps, 2)).reshape(2, 2, 2, 3)
    np.testing.assert_allclose(pooled[:, 0, 0], maps[:, :2, :3].mean(axis=(1, 2)))
    np.testing.assert_allclose(pooled[:, 1, 1], maps[:, 2:, 3:].mean(axis=(1, 2)))
    assert pool_to_grid(maps, 8).shape == (2, 4 * 6 * 3)
    np.testing.assert_allclose(
        np.array(pool_to_grid(maps[:, :, :5], 2)).reshape(2, 2, 2, 3)[:, 0, 1],
        maps[:, :2, 2:4].mean(axis=(1, 2)),
    )


def linear_problem():
    """Two linear regressions on one shared linear layer, where gradients are known by hand."""
    inputs = keras.Input((4,))
    shared = keras.layers.Dense(3, use_bias=False, name="features")(inputs)
    heads = {t: keras.layers.Dense(1, use_bias=False, name=t) for t in ("u", "v")}
    model = keras.Model(inputs, {t: head(shared) for t, head in heads.items()})
    generator = np.random.default_rng(0)
    x = generator.normal(size=(20, 4)).astype("float32")
    y = {t: generator.normal(size=(20, 1)).astype("float32") for t in ("u", "v")}
    losses = {t: keras.losses.MeanSquaredError() for t in ("u", "v")}
    weights = [np.array(model.get_layer(n).kernel) for n in ("features", "u", "v")]
    return model, losses, x, y, weights


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


def test_gradient_similarity_is_the_cosine_at_the_shared_layer():
    model, losses, x, y, (shared, *heads) = linear_problem()
    gradients = [
        2 * (x @ shared @ head - y[task]) @ head.T for task, head in zip("uv", heads, strict=True)
    ]
    expected = gradient_cosine(np.stack(gradients))
    matrix = gradient_similarity(model, losses, (x, y))
    np.testing.assert_allclose(matrix, expected, rtol=1e-4)
    np.testing.assert_allclose(np.diag(matrix), 1.0, rtol=1e-5)


def test_samples_without_label_count_for_no_pair():
    """As if they were not there, whatever stands for their labels."""
    model, losses, x, y, _ = linear_problem()
    labelled = np.arange(len(x)) % 2 == 0
    junk = {task: np.where(labelled[:, None], values, 1e3) for task, values in y.items()}
    weights = {task: labelled.astype("float32") for task in y}
    found = gradient_similarity(model, losses, (x, junk, weights))
    part = x[labelled], {task: values[labelled] for task, values in y.items()}
    np.testing.assert_allclose(found, gradient_similarity(model, losses, part), rtol=1e-4)
    # Losses are means over all samples: a step of the same gradient is half as long.
    found = transference(model, losses, (x, junk, weights), learning_rate=0.05)
    wanted = transference(model, losses, part, learning_rate=0.025)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-6)
    none = {"u": weights["u"], "v": np.zeros(len(x), "float32")}
    np.testing.assert_array_equal(transference(model, losses, (x, junk, none))[:, 1], 0.0)
