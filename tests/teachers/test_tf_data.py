"""Features looked up batch by batch in `tf.data`, whatever the backend trains with."""

import numpy as np
import pytest
import tensorflow as tf

from keras_mtkd._data.cached_features import detach_features
from keras_mtkd._data.content import sample_hashes
from keras_mtkd.teachers._tf_data import with_features
from keras_mtkd.teachers.store import Store

X = np.arange(12, dtype="float32").reshape(6, 2)
KEY = "a|features"
SPECS = {KEY: ((3,), "float16")}


def features_of(x):
    return np.concatenate([x, 10 * x[:, :1]], axis=1).astype("float16")


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path, [KEY], 10**6)
    made.add(sample_hashes(X), {KEY: features_of(X)})
    made.flush()
    return made


def test_features_stay_with_their_samples_in_any_order(store):
    data = tf.data.Dataset.from_tensor_slices((X, X[:, 1])).shuffle(6, seed=1).batch(4)
    seen = []
    for inputs, y in with_features(data, store, SPECS):
        x, features = detach_features(inputs)
        np.testing.assert_array_equal(features[KEY], features_of(x.numpy()))
        np.testing.assert_array_equal(y, x[:, 1])
        seen += x[:, 0].numpy().tolist()
    assert sorted(seen) == X[:, 0].tolist()


def test_shapes_and_types_are_known_before_it_is_read(store):
    data = tf.data.Dataset.from_tensor_slices((X,)).batch(4)
    _, features = detach_features(with_features(data, store, SPECS).element_spec[0])
    assert (features[KEY].shape, features[KEY].dtype) == ((None, 3), tf.float16)


def test_inputs_in_a_structure(store, tmp_path):
    parts = {"one": X[:, :1], "two": X[:, 1:]}
    other = Store(tmp_path / "other", [KEY], 10**6)
    other.add(sample_hashes(parts), {KEY: features_of(X)})
    other.flush()
    data = tf.data.Dataset.from_tensor_slices((parts,)).batch(6)
    ((inputs,),) = with_features(data, other, SPECS)
    x, features = detach_features(inputs)
    assert list(x) == ["one", "two"]
    np.testing.assert_array_equal(features[KEY], features_of(X))


def test_a_sample_that_is_not_in_the_store(store):
    data = tf.data.Dataset.from_tensor_slices((X + 1,)).batch(6)
    with pytest.raises(tf.errors.OpError, match="6 of 6 samples of a batch are not in the cache"):
        list(with_features(data, store, SPECS))
