"""Batches that bring features along, out of a store that was filled by hand."""

import keras
import numpy as np
import pytest

from keras_mtkd._data.cached_features import detach_features
from keras_mtkd._data.content import sample_hashes
from keras_mtkd.teachers.cached_dataset import CachedDataset, lookup
from keras_mtkd.teachers.store import Store

X = np.arange(12, dtype="float32").reshape(6, 2)


class Batches(keras.utils.PyDataset):
    """Two samples a batch, from the last one."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.told = []

    def __len__(self):
        return 3

    def __getitem__(self, index):
        rows = [5 - 2 * index, 4 - 2 * index]
        return X[rows], {"a": X[rows, 0]}, {"a": X[rows, 1]}

    def on_epoch_begin(self):
        self.told.append("begin")

    def on_epoch_end(self):
        self.told.append("end")


class Telling(Batches):
    """Tells its epoch and begins again."""

    epoch = 2

    def reset(self, seed=None):
        self.told.append(seed)

    def set_epoch(self, epoch):
        self.epoch = epoch


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path, ["a|features", "b|features"], 10**6)
    made.add(sample_hashes(X), {"a|features": 10 * X, "b|features": X[:, 0]})
    made.flush()
    return made


def test_features_stay_with_their_samples(store):
    data = CachedDataset(Batches(), store)
    assert data.num_batches == 3
    assert data.feature_keys == ["a|features", "b|features"]
    for index in range(3):
        inputs, y, weight = data[index]
        x, features = detach_features(inputs)
        np.testing.assert_array_equal(features["a|features"], 10 * x)
        np.testing.assert_array_equal(features["b|features"], x[:, 0])
        np.testing.assert_array_equal(y["a"], x[:, 0])
        np.testing.assert_array_equal(weight["a"], x[:, 1])
    np.testing.assert_array_equal(x, X[[1, 0]])


def test_samples_that_are_not_in_the_store_are_counted(store):
    with pytest.raises(ValueError, match="^1 of 3 samples of a batch are not in the cache"):
        lookup(store, np.concatenate([X[:2], [[-1.0, 0.0]]]).astype("float32"))


def test_the_data_set_is_told_of_epochs_and_keeps_its_workers(store):
    batches = Batches(workers=2, max_queue_size=7)
    data = CachedDataset(batches, store)
    data.on_epoch_begin()
    data.on_epoch_end()
    assert batches.told == ["begin", "end"]
    assert (data.workers, data.max_queue_size, data.use_multiprocessing) == (2, 7, False)


def test_order_and_epoch_are_those_of_the_data_set(store):
    telling = Telling()
    data = CachedDataset(telling, store)
    assert data.epoch == 2
    data.set_epoch(4)
    data.reset(7)
    assert (telling.epoch, telling.told) == (4, [7])
    plain = CachedDataset(Batches(), store)
    plain.reset(7)
    assert plain.epoch is None


def test_the_fingerprint_is_that_of_the_content(store):
    class Known(Batches):
        def __init__(self, told):
            super().__init__()
            self.known = told

        def fingerprint(self):
            return self.known

    one, same, other = (CachedDataset(Known(told), store).fingerprint() for told in "xxy")
    assert one == same != other
