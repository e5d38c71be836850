import numpy as np
import pytest

from keras_mtkd.datasets import ArrayDataset


def make(**kwargs):
    x = np.arange(10)[:, None]
    return ArrayDataset(x, {"a": x[:, 0] * 2}, {"a": x[:, 0] * 3.0}, batch_size=4, **kwargs)


def epoch(data):
    batches = [data[i] for i in range(len(data))]
    data.on_epoch_end()
    return np.concatenate([batch[0] for batch in batches])[:, 0], batches


def test_labels_and_weights_stay_with_their_inputs():
    order, batches = epoch(make(shuffle=True))
    assert sorted(order) == list(range(10))
    assert [len(batch[0]) for batch in batches] == [4, 4, 2]
    for x, y, weight in batches:
        np.testing.assert_array_equal(y["a"], 2 * x[:, 0])
        np.testing.assert_array_equal(weight["a"], 3.0 * x[:, 0])


def test_order_depends_on_seed_and_epoch_alone():
    data = make(shuffle=True, seed=5)
    first, second = epoch(data)[0], epoch(data)[0]
    assert not np.array_equal(first, second)
    data.reset()
    np.testing.assert_array_equal(epoch(data)[0], first)
    np.testing.assert_array_equal(epoch(data)[0], second)
    data.reset(seed=6)
    assert not np.array_equal(epoch(data)[0], first)


def test_without_shuffling():
    data = make()
    for _ in range(2):
        np.testing.assert_array_equal(epoch(data)[0], np.arange(10))


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="Task 'a' has 2 labels or weights for 3 inputs"):
        ArrayDataset(np.zeros((3, 1)), {"a": np.zeros(2)})


def test_fingerprint_tells_contents_apart():
    assert make().fingerprint() == make(shuffle=True).fingerprint()
    other = make()
    other.y["a"] = other.y["a"] + 1
    assert other.fingerprint() != make().fingerprint()
