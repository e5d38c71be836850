"""A model takes its own of inputs that have names, in every kind of structure."""

import keras
import numpy as np
import pytest

from keras_mtkd._graph.ends import own_inputs
from keras_mtkd._graph.taps import TappedModel

X = {name: np.full((2, 1), number, "float32") for number, name in enumerate(["a", "b", "c", "d"])}


def joined(names, structure, optional=()):
    """A model that gives its inputs side by side, in the order of `names`."""
    inputs = {name: keras.Input((1,), name=name, optional=name in optional) for name in names}
    given = [inputs[name] for name in names if name not in optional]
    return keras.Model(structure(inputs), {"t": keras.layers.Concatenate()(given)})


STRUCTURES = {
    "dict": lambda inputs: inputs,
    "list": lambda inputs: list(inputs.values()),
    "tuple": lambda inputs: tuple(inputs.values()),
}


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("names", ["ad", "da", "bcd", "cb"])
def test_a_model_reads_its_own_keys(structure, names):
    model = joined(list(names), STRUCTURES[structure])
    outputs, _ = TappedModel(model, [])(X)
    expected = np.concatenate([X[name] for name in names], axis=1)
    np.testing.assert_array_equal(outputs["t"], expected)


def test_keys_count_and_not_the_names_of_layers():
    inputs = {"a": keras.Input((1,), name="b"), "b": keras.Input((1,), name="a")}
    with pytest.warns(UserWarning, match="names of the corresponding tensors"):
        model = keras.Model(inputs, keras.layers.Concatenate()([inputs["a"], inputs["b"]]))
    np.testing.assert_array_equal(TappedModel(model, [])(X)[0], [[0.0, 1.0]] * 2)


def test_one_input_by_its_name_or_as_the_only_one():
    model = keras.Model(start := keras.Input((1,), name="c"), keras.layers.Identity()(start))
    np.testing.assert_array_equal(own_inputs(model, X), X["c"])
    np.testing.assert_array_equal(own_inputs(model, {"pixels": X["d"]}), X["d"])
    np.testing.assert_array_equal(own_inputs(model, X["d"]), X["d"])


def test_a_missing_input_is_named():
    model = joined(["a", "x"], STRUCTURES["dict"])
    with pytest.raises(
        ValueError, match=r"takes the input 'x'.*\['a', 'x'\].*\['a', 'b', 'c', 'd'"
    ):
        own_inputs(model, X)


def test_an_optional_input_may_be_missing():
    taken = own_inputs(joined(["a", "x"], STRUCTURES["dict"], optional=["x"]), X)
    assert taken["x"] is None and taken["a"] is X["a"]


def test_a_model_without_a_graph_gets_everything():
    class Sum(keras.Model):
        def call(self, x):
            return sum(x.values())

    assert own_inputs(Sum(), X) is X
