"""Generators over several epochs, and functions that nobody called."""

import warnings

import pytest

from keras_mtkd._data.read_once import (
    check_called,
    check_epochs,
    check_no_list,
    is_read_once,
    may_be_read,
)


def batches():
    yield 1


def test_functions_are_no_data():
    with pytest.raises(TypeError, match=r"function, `batches`.*Call it: `batches\(\)`"):
        check_called(batches)
    for data in (batches(), [1], {"a": 1}):
        check_called(data)
    assert is_read_once(batches())
    assert not is_read_once([1])


def test_what_may_be_looked_at_before():
    by_replica = type("Set", (), {"__module__": "tensorflow.python.distribute.input_lib"})()
    assert may_be_read(([1], {"a": [1]}))
    for data in (None, batches(), by_replica):
        assert not may_be_read(data)


def test_lists_of_batches_are_no_data():
    batch = ([1, 2], {"a": [0, 1]})
    for data in ([batch], (batch, batch)):
        with pytest.raises(TypeError, match=r"of batches.*`keras.utils.PyDataset`"):
            check_no_list(data)
    for data in (batch, ([1], [2]), [], ([[1], {"b": 2}], {"a": 3}), iter([batch])):
        check_no_list(data)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"epochs": 3, "initial_epoch": 2},
        {"epochs": 3, "steps_per_epoch": 2, "validation_freq": 2},
        {"epochs": 3, "steps_per_epoch": 2, "validation_freq": [3]},
    ],
)
def test_one_epoch_may_use_a_generator_up(arguments):
    check_epochs(batches(), batches(), arguments)


def test_several_may_not():
    with pytest.raises(ValueError, match=r"first of 2 epochs uses up.*`steps_per_epoch=`"):
        check_epochs(batches(), None, {"epochs": 2})
    with pytest.raises(ValueError, match=r"first of 2 validations.*`validation_steps=`"):
        check_epochs([1], batches(), {"epochs": 4, "validation_freq": 2})


def test_a_word_where_every_validation_takes_other_batches():
    with pytest.warns(UserWarning, match=r"takes the next 5 batches.*compare only if"):
        check_epochs([1], batches(), {"epochs": 2, "validation_steps": 5})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_epochs([1], [1], {"epochs": 2, "validation_steps": 5})
