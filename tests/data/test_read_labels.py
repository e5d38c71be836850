"""Labels of every kind, and where one is missing."""

import keras
import numpy as np
import pytest

from keras_mtkd._data.read_labels import is_missing, is_text, read_classes, read_labels
from keras_mtkd.datasets import mask_missing

NAN = float("nan")


@pytest.mark.parametrize(
    ("given", "values", "known"),
    [
        ([1, 2, 3], [1, 2, 3], [1, 1, 1]),
        ([1, None, 3], [1, 0, 3], [1, 0, 1]),
        ([1.5, NAN], [1.5, NAN], [1, 0]),
        (np.array([1.0, None, NAN], object), [1.0, 0.0, 0.0], [1, 0, 0]),
        ([[1.0, 2.0], None], [[1, 2], [0, 0]], [[1, 1], [0, 0]]),
        (np.ma.masked_equal([4, 9, 4], 9), [4, 9, 4], [1, 0, 1]),
        ([True, False], [1, 0], [1, 1]),
    ],
    ids=["numbers", "None", "NaN", "objects", "None for a row", "masked", "answers"],
)
def test_numbers_and_where_there_is_one(given, values, known):
    array, there = read_labels("task", given)
    np.testing.assert_array_equal(array, values)
    np.testing.assert_array_equal(there, np.array(known, bool))


def test_whole_numbers_stay_whole_where_some_are_missing():
    assert read_labels("task", [1, None])[0].dtype.kind == "i"
    assert read_labels("task", [1.0, None])[0].dtype.kind == "f"


def test_columns_of_pandas_with_missing_values():
    pandas = pytest.importorskip("pandas")
    for kind in ("Int64", "Float64"):
        array, known = read_labels("task", pandas.Series([7, None, 9], dtype=kind))
        np.testing.assert_array_equal(known, [True, False, True])
        np.testing.assert_array_equal(array[known], [7, 9])
        assert array.dtype.kind == ("i" if kind == "Int64" else "f")


def test_tensors_of_the_backend_in_half_precision():
    half = keras.ops.cast(keras.ops.convert_to_tensor([0.5, NAN]), "bfloat16")
    np.testing.assert_array_equal(read_labels("task", half)[1], [True, False])


def test_classes_are_one_row_with_less_than_none_where_there_is_none():
    for given in ([[2], [None], [0]], np.array([2.0, NAN, 0.0])):
        found = read_classes("task", given)
        np.testing.assert_array_equal(found, [2, -1, 0])
        assert found.dtype.kind == "i"


def test_what_is_no_number_is_refused_with_its_beginning():
    with pytest.raises(
        ValueError, match=r"'sort' must be numbers.*beginning with \['cat', 'dog'\]"
    ):
        read_labels("sort", ["cat", "dog"])


def test_labels_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match="labels of 'sort' have different shapes"):
        read_labels("sort", [[1.0, 2.0], [1.0]])


def test_what_counts_as_missing():
    assert all(map(is_missing, [None, NAN, np.float32("nan")]))
    assert not any(map(is_missing, [0, 0.0, "", False, np.inf]))


@pytest.mark.parametrize("names", [["yes", "no"], ["yes", None], np.array(["yes", NAN], object)])
def test_names_of_classes_are_refused_with_how_to_number_them(names):
    with pytest.raises(ValueError, match=r"frame\['told'\]\.astype\('category'\)\.cat\.codes.*-1"):
        read_labels("told", names)


def test_what_the_message_says_is_right_of_categories():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"told": ["yes", None, "no"]}, dtype="category")
    assert is_text(np.asarray(frame["told"]))
    with pytest.raises(ValueError, match="category"):
        read_labels("told", frame["told"])
    codes = frame["told"].astype("category").cat.codes
    y, weights = mask_missing({"told": codes})
    assert y["told"].tolist() == [1, 0, 0]
    assert weights["told"].tolist() == [1, 0, 1]


def test_numbers_among_objects_are_no_text():
    assert not is_text(np.array([1, None], object))
    assert not is_text(np.array([1.0]))
