import keras
import numpy as np
import pandas
import pytest
from helpers import toy_data, toy_model

from keras_mtkd.datasets import ArrayDataset
from keras_mtkd.similarity import linear_cka, task_similarity
from keras_mtkd.similarity.task_similarity import pool_to_grid


def feature(model, x):
    return np.array(keras.Model(model.input, model.get_layer("features").output)(x))


class TestTaskSimilarity:
    @pytest.fixture
    def teachers(self):
        return {"a": toy_model(("a",), 5), "b": toy_model(("b",), 7), "c": toy_model(("a",), 5)}

    @pytest.mark.parametrize("kind", ["array", "tensor", "frame", "pair", "data set"])
    def test_compares_features_of_the_same_inputs(self, teachers, kind):
        x, y = toy_data(samples=40)
        data = {
            "array": x,
            "tensor": keras.ops.convert_to_tensor(x),
            "frame": pandas.DataFrame(x),
            "pair": (x, y),
            "data set": ArrayDataset(x, y, batch_size=16),
        }[kind]
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
        with pytest.raises(ValueError, match=r"no layer of the teachers of \['b', 'c'\]"):
            task_similarity(teachers, x, layer={"a": "features"})

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
