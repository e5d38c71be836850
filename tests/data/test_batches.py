"""A bounded number of samples, whatever holds them."""

import keras
import numpy as np
import pytest

from keras_mtkd._data import batches as module
from keras_mtkd._data.batches import batches, first_inputs, join_batches, probe_batches
from keras_mtkd._data.cached_features import attach_features

X = np.arange(10.0)[:, None]
Y = {"a": 2 * X}
W = {"a": 3 * X[:, 0]}


class Table(keras.utils.PyDataset):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rows = [slice(0, 4), slice(4, 8), slice(8, 10)]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return X[self.rows[index]], {"a": Y["a"][self.rows[index]]}


class Given(keras.utils.PyDataset):
    def __init__(self, given):
        super().__init__()
        self.given = given

    def __len__(self):
        return len(self.given)

    def __getitem__(self, index):
        return self.given[index]


@pytest.mark.parametrize(
    ("data", "parts"),
    [(X, 1), ((X,), 1), ({"one": X}, 1), ((X, Y), 2), ([X, Y, W], 3), ((X, Y, None), 2)],
    ids=["array", "tuple", "dict", "pair", "list", "without weights"],
)
def test_arrays_are_cut_into_batches(data, parts):
    found = list(batches(data, 4))
    assert [len(keras.tree.flatten(batch[0])[0]) for batch in found] == [4, 4, 2]
    assert {len(batch) for batch in found} == {parts}
    inputs = np.concatenate([keras.tree.flatten(batch[0])[0] for batch in found])
    np.testing.assert_array_equal(inputs, X)


def test_batches_of_a_data_set_are_its_own():
    for data in (Table(), [Table()[index] for index in range(3)].__iter__()):
        found = list(batches(data, 1))
        assert [len(batch[0]) for batch in found] == [4, 4, 2]
        np.testing.assert_array_equal(found[1][1]["a"], Y["a"][4:8])


@pytest.mark.parametrize(("samples", "sizes"), [(3, [3]), (4, [4]), (6, [4, 2]), (99, [4, 4, 2])])
def test_a_probe_ends_with_as_many_samples_as_were_asked_for(samples, sizes):
    found = list(probe_batches((X, Y, W), samples, batch_size=4))
    assert [len(x) for x, _, _ in found] == sizes
    for x, y, weights in found:
        np.testing.assert_array_equal(y["a"], 2 * x)
        np.testing.assert_array_equal(weights["a"], 3 * x[:, 0])


def test_a_probe_names_what_is_not_there_none():
    assert [batch[1:] for batch in probe_batches(X, 4)] == [(None, None)]
    assert [weights for _, _, weights in probe_batches(Table(), 8)] == [None, None]


def test_a_probe_has_the_inputs_without_the_features_that_come_with_them():
    ((x, y, _),) = probe_batches((attach_features(X, {"key": X}), Y), 10)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y["a"], Y["a"])


@pytest.mark.parametrize("data", [None, iter([(X, Y)])], ids=["nothing", "a generator"])
def test_what_can_be_read_once_is_refused(data):
    with pytest.raises(ValueError, match=r"can be read again.*Received: (NoneType|list_iterator)"):
        next(probe_batches(data, 4))


NUMBERS = list(range(10))


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (NUMBERS, np.arange(4, 6)),
        (tuple(NUMBERS), np.arange(4, 6)),
        ([[number, 0] for number in NUMBERS], np.array([[4, 0], [5, 0]])),
        ([0, 1, 2, 3, None, 5, 6, 7, 8, 9], np.array([None, 5])),
        (list(np.arange(10)), np.arange(4, 6)),
    ],
    ids=["list", "tuple", "rows", "gap", "of NumPy"],
)
def test_a_list_of_numbers_is_one_array(y, expected):
    rows = list(probe_batches((X.tolist(), y, {"a": y}), 6, batch_size=4))
    assert [len(x) for x, _, _ in rows] == [4, 2]
    x, labels, weights = rows[1]
    np.testing.assert_array_equal(x, X[4:6])
    np.testing.assert_array_equal(labels, expected)
    np.testing.assert_array_equal(weights["a"], expected)


def test_lists_of_arrays_stay_several_and_names_keep_their_order():
    (batch,) = batches(([X, [X, None]], {"b": NUMBERS, "a": [X]}), 10)
    one, (other, none) = batch[0]
    np.testing.assert_array_equal(one, other)
    assert none is None
    assert list(batch[1]) == ["b", "a"]
    assert isinstance(batch[1]["a"], list)


def test_what_has_samples_is_no_number():
    ((one, other),) = (x for x, _ in batches(([range(4), range(4)], range(4)), 4))
    np.testing.assert_array_equal(one, other)


def test_a_data_set_may_have_lists_of_numbers_too():
    given = [(X[:4], {"a": [0, 1, 2, 3]}), (X[4:7], {"a": [4, 5, 6]})]
    ((_, y, _),) = join_batches(probe_batches(Given(given), 7))
    np.testing.assert_array_equal(y["a"], np.arange(7))


def test_lists_of_several_lengths_are_refused():
    with pytest.raises(ValueError, match="must have one shape.*several inputs are a list of"):
        list(batches((X[:2], [[1, 2], [3]])))


def test_empty_data_is_refused():
    with pytest.raises(ValueError, match="The probe data is empty"):
        list(probe_batches((X[:0], {"a": X[:0]}), 4))


def test_small_batches_are_put_together_in_their_order(monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 2 * 4 * X.itemsize)
    found = list(join_batches(probe_batches((X, Y), 10, batch_size=2)))
    assert [len(x) for x, _, _ in found] == [8, 2]
    np.testing.assert_array_equal(np.concatenate([y["a"] for _, y, _ in found]), Y["a"])
    assert [weights for _, _, weights in found] == [None, None]


def test_weights_that_only_some_batches_have_are_left_out():
    ((x, _, weights),) = join_batches(iter([(X, Y, W), (X, Y, None)]))
    assert len(x) == 20
    assert weights is None


def test_the_inputs_that_come_first():
    assert first_inputs({"one": X})["one"] is X
    assert first_inputs([X, X])[1] is X
    np.testing.assert_array_equal(first_inputs(Table()), X[:4])
    assert first_inputs(iter([(X, Y)])) is first_inputs(None) is None
