"""Models without a graph: called on what they will get, and how to make a graph of them."""

import keras
import numpy as np
import pytest

from keras_mtkd._graph.subclassed import advice, built_for, outputs_on, said, symbolic


class Own(keras.Model):
    def __init__(self, call=None):
        super().__init__(name="own")
        self.flat, self.dense = keras.layers.Flatten(), keras.layers.Dense(2)
        self.first = call or (lambda x: x)

    def call(self, x):
        return self.dense(self.flat(self.first(x)))


def built(*shape):
    model = Own()
    model(np.zeros((1, *shape), "float32"))
    return model


def inputs(*shape):
    return keras.KerasTensor((None, *shape))


def test_a_model_that_was_never_called_is_built():
    model = Own()
    assert outputs_on(model, inputs(4, 4, 1)).shape == (None, 2)
    assert model.dense.kernel.shape == (16, 2)


@pytest.mark.parametrize(
    ("model", "given", "told"),
    [
        (built(8, 8, 1), inputs(4, 4, 1), r"shape \(4, 4, 1\).*\(8, 8, 1\).*Resizing\(8, 8\)"),
        (built(8, 8, 1), inputs(3, 4), r"subclassed\(layer\(inputs\)\)"),
        (
            built(4, 4, 1),
            {"one": inputs(3), "two": inputs(4, 4, 1)},
            r"'one': \(3,\), .*keras.Input\(\(4, 4, 1\), name='two'\)",
        ),
        (built(3), [inputs(3), inputs(3)], r"\[\(3,\), \(3,\)\].*keras.Model\(inputs, ...\)"),
    ],
    ids=["size", "rank", "dict", "list"],
)
def test_what_it_cannot_be_called_on_is_refused(model, given, told):
    with pytest.raises(ValueError, match=rf"(?s)'own', a Own, cannot be called on.*{told}"):
        outputs_on(model, given)


def test_what_runs_step_by_step_alone_is_left_to_the_step():
    model = Own(lambda x: keras.ops.convert_to_tensor(keras.ops.convert_to_numpy(x)))
    assert outputs_on(model, inputs(3)) is None
    assert outputs_on(model, inputs(None, 3)) is None


def test_shapes_that_are_not_known_are_none():
    assert built_for(Own()) is None
    assert built_for(built(3)) == (3,)
    assert symbolic({"one": "text"}) is None
    made = symbolic([np.zeros((5, 2)), np.zeros((5, 3), "int32")])
    assert [each.shape for each in made] == [(None, 2), (None, 3)]
    assert [each.dtype for each in made] == ["float32", "int32"]


def test_advice_is_code_for_the_kind_of_model():
    assert "inputs = keras.Input((4,)); keras.Model(inputs, subclassed(inputs))" in advice(built(4))
    assert "keras.Input(shape)" in advice(Own())
    assert "keras.Sequential([keras.Input(shape)" in advice(keras.Sequential())
    ends = {name: keras.Input((1,), name=name) for name in ("one", "two")}
    loaded = keras.Model(ends, keras.layers.Add()(list(ends.values())), name="loaded")
    told = advice(keras.Sequential([loaded, keras.layers.Rescaling(2.0)]))
    assert (
        "keras.Model(loaded.inputs, keras.layers.Rescaling(STD, MEAN)(loaded.outputs[0]))" in told
    )


def test_of_errors_of_keras_the_line_that_says_something():
    text = "Exception encountered when calling Own.call().\n\n\x1b[1mInput 0 is wrong\x1b[0m\nmore"
    assert said(ValueError(text)) == "Input 0 is wrong"
    assert said(ValueError()) == "ValueError"
