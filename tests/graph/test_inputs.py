"""Which models can get the same data: by name, by place, or not known before the data is there."""

import keras
import numpy as np
import pytest

from keras_mtkd._graph.inputs import check_same_inputs, check_takes
from keras_mtkd._graph.taps import TappedModel


def model(inputs, name=None):
    """A model of these inputs that computes next to nothing."""
    return keras.Model(inputs, [1.0 * tensor for tensor in keras.tree.flatten(inputs)], name=name)


def one(*shape, name=None):
    return model(keras.Input(shape, name=name))


def several(structure, **shapes):
    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    return model(structure(inputs))


def as_list(inputs):
    return list(inputs.values())


def as_dict(inputs):
    return inputs


REFUSED = {
    "size": lambda: (one(16, 16, 3), one(32, 32, 3)),
    "channels": lambda: (one(16, 16, 3), one(16, 16, 1)),
    "rank": lambda: (one(16, 16), one(16, 16, 3)),
    "same name": lambda: (one(4, name="x"), one(5, name="x")),
    "one is named": lambda: (one(4, name="x"), one(5)),
    "of a dict": lambda: (several(as_dict, a=(2,), b=(3,)), several(as_dict, b=(4,))),
    "of a dict, alone": lambda: (several(as_dict, a=(2,), b=(3,)), one(4, name="b")),
    "only key": lambda: (several(as_dict, a=(2,)), one(3)),
    "in a list": lambda: (
        model([keras.Input((2,)), keras.Input((3,))]),
        model([keras.Input((2,)), keras.Input((4,))]),
    ),
    "in named lists": lambda: (
        several(as_list, a=(2,), b=(3,)),
        several(as_list, a=(2,), b=(4,)),
    ),
    "sequential": lambda: (
        one(4),
        keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)]),
    ),
}
TAKEN = {
    "same": lambda: (one(16, 16, 3), one(16, 16, 3)),
    "unknown size": lambda: (one(16, 16, 3), one(None, None, 3)),
    "last axis of 1": lambda: (one(16, 16), one(16, 16, 1)),
    "named for data with both": lambda: (one(4, name="small"), one(8, name="large")),
    "fewer of a dict": lambda: (several(as_dict, a=(2,), b=(3,)), several(as_dict, b=(3,))),
    "more than the student": lambda: (one(3, name="b"), several(as_dict, a=(2,), b=(3,))),
    "other keys": lambda: (several(as_dict, a=(2,), b=(3,)), several(as_dict, a=(2,), c=(4,))),
    "lists of other names": lambda: (
        several(as_list, a=(2,), b=(3,)),
        several(as_list, b=(3,), a=(2,)),
    ),
    "lists of other lengths": lambda: (
        model([keras.Input((2,)), keras.Input((3,))]),
        one(3),
    ),
    "nested": lambda: (
        model({"a": [keras.Input((2,))], "b": keras.Input((1,), name="b")}),
        model({"a": [keras.Input((3,))], "b": keras.Input((1,), name="b")}),
    ),
    "no graph": lambda: (one(4), keras.Sequential([keras.layers.Dense(1)])),
}


@pytest.mark.parametrize("case", REFUSED)
def test_models_of_other_shapes_are_refused(case):
    student, teacher = REFUSED[case]()
    with pytest.raises(ValueError, match=r"takes inputs of shape .*, the student .*in front of it"):
        check_same_inputs(student, teacher)


@pytest.mark.parametrize(
    ("student", "teacher", "written"),
    [
        ((16, 16, 3), (32, 32, 3), "keras.layers.Resizing(height, width)"),
        ((16,), (24,), "model(keras.ops.pad(inputs, ((0, 0), (0, 8))))"),
        ((24,), (16,), "model(inputs[:, :16])"),
        ((24, 3), (16, 3), "keras.layers.ZeroPadding1D("),
        ((16, 16), (16, 16, 3), "keras.layers.Resizing(height, width)"),
    ],
)
def test_pictures_tokens_and_series_are_made_fit_in_their_own_ways(student, teacher, written):
    with pytest.raises(ValueError, match="in front of it") as told:
        check_same_inputs(one(*student), one(*teacher))
    said = str(told.value)
    assert written in said
    assert ("Resizing" in said) == ("Resizing" in written)
    assert "give data by these names" in said


def test_what_is_said_of_tokens_makes_them_fit():
    for here, there in ((16, 24), (24, 16)):
        inputs, taking = keras.Input((here,)), one(there)
        fitted = inputs[:, :there]
        if there > here:
            fitted = keras.ops.pad(inputs, ((0, 0), (0, there - here)))
        check_same_inputs(one(here), keras.Model(inputs, taking(fitted)))


@pytest.mark.parametrize("case", TAKEN)
def test_what_may_fit_is_not(case):
    check_same_inputs(*TAKEN[case]())


def test_both_shapes_are_named():
    with pytest.raises(ValueError, match=r"shape \(5,\), the student .* \(4,\) for 'x'"):
        check_same_inputs(one(4, name="x"), one(5, name="x"))


class TestData:
    def test_data_of_other_shapes_is_refused(self):
        large = model(keras.Input((8,), name="large"), name="teacher")
        data = {"small": np.zeros((2, 4)), "large": np.zeros((2, 6))}
        message = r"'teacher' takes inputs of shape \(8,\) for 'large', the data has \(6,\)"
        with pytest.raises(ValueError, match=message):
            TappedModel(large, [])(data)

    @pytest.mark.parametrize(
        ("taken", "x"),
        [
            (lambda: one(None, 3), np.zeros((2, 7, 3))),
            (lambda: one(3, 1), np.zeros((2, 3))),
            (lambda: one(3), np.zeros((2, 3, 1))),
            (lambda: several(as_list, a=(2,), b=(3,)), [np.zeros((2, 2)), np.zeros((2, 3))]),
            (lambda: several(as_list, a=(2,), b=(3,)), np.zeros((2, 2))),
            (lambda: model({"a": keras.Input((2,), name="a", optional=True)}), {"a": None}),
        ],
    )
    def test_what_fits_or_has_another_structure_is_not(self, taken, x):
        check_takes(taken(), x, "any")

    def test_an_input_without_a_name_is_told_how_to_get_one(self):
        data = {"small": np.zeros((2, 4)), "large": np.zeros((2, 8))}
        message = r"keras.Input\(\(8,\), name='large'\); keras.Model\(i, model\(i\)\)"
        with pytest.raises(ValueError, match=message):
            TappedModel(one(8), [])(data)
        with pytest.raises(ValueError, match=r"name='large'\); keras.Model\(i, model\(i\)\)"):
            check_same_inputs(one(4), one(8))
