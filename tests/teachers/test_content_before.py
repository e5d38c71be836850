from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_mtkd.datasets import ArrayDataset
from keras_mtkd.teachers._content_before import content


def test_a_data_set_tells_by_its_first_fingerprint_else_by_its_own():
    own = SimpleNamespace(fingerprint=lambda: "now")
    assert content(own) == "now"
    own.fingerprint_before = lambda: "before"
    assert content(own) == "before"


def test_names_of_arrays_were_passed_over():
    x, y = np.arange(6.0).reshape(3, 2), np.arange(3)
    one, same = (ArrayDataset(x, {name: y}, batch_size=2) for name in "ab")
    assert content(one) == content(same)
    assert content(one) != content(ArrayDataset(x + 1, {"a": y}, batch_size=2))


def test_pipelines_of_tensorflow_tell_their_own():
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(np.ones((3, 2), "float32"))
    assert int(content(data)) == int(data.fingerprint())


def test_pipelines_that_tell_nothing_have_shapes_and_a_number_of_batches():
    silent = SimpleNamespace(element_spec=("x", "y"), cardinality=lambda: np.int64(3))
    assert content(silent) == ["('x', 'y')", 3]


def test_of_all_others_their_class_and_length():
    class Mine(keras.utils.PyDataset):
        def __len__(self):
            return 7

        def __getitem__(self, index):
            return index

    assert content(Mine()) == ["Mine", 7]
    assert content([1, 2]) == ["list", None]
