"""Inputs that a model cannot take, by what they hold."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.losses.inputs_taken import check_inputs


def reader(dtype="int32"):
    inputs = keras.Input((3,), dtype=dtype, name="tokens")
    states = layers.Embedding(10, 2, name="words")(inputs)
    pooled = layers.GlobalAveragePooling1D(name="features")(states)
    return keras.Model(inputs, {"a": layers.Dense(1)(pooled)}, name="reader")


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (
            [[0, 3, 12]],
            r"0 to 9 \(`input_dim=10`\). Received: 12, the largest. Pass `input_dim=13`",
        ),
        ([[0, 10, 1]], "Received: 10, the largest"),
        ([[-1, 3, 9]], "Received: -1, the smallest. Give padding"),
        ([[-2.0, 3, 9]], "Received: -2, the smallest"),
        ([[-3, -2, -2]], "Received: -3, the smallest"),
    ],
)
def test_numbers_that_an_embedding_does_not_have(x, said):
    with pytest.raises(ValueError, match=f"input 'tokens' goes into the embedding 'words'.*{said}"):
        check_inputs(reader(), np.array(x))


@pytest.mark.parametrize(
    "x",
    [
        np.array([[0, 9, 3]]),
        np.array([[0, 9.7, -0.5]]),
        np.zeros((0, 3), "int32"),
        np.array([[True, False, True]]),
        [[0, 99, 3]],
    ],
    ids=["ends", "cut off", "empty", "answers", "no array"],
)
def test_what_fits_or_is_not_known_is_left_alone(x):
    check_inputs(reader(), x)


def test_tensors_and_names():
    check_inputs(reader(), ops.convert_to_tensor([[0, 9, 3]]))
    with pytest.raises(ValueError, match="Received: 11"):
        check_inputs(reader(), {"other": np.zeros((1, 4)), "tokens": np.full((1, 3), 11)})


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.array([["a", "b", "c"]]), r"Received: dtype <U1, beginning with \['a', 'b', 'c'\]"),
        (np.array([[1.5, None, 2]], object), r"Received: dtype object, beginning with \[1.5, None"),
        (np.zeros((1, 3), "datetime64[s]"), r"Received: dtype datetime64\[s\]"),
    ],
    ids=["text", "objects", "times"],
)
def test_what_is_no_number(x, said):
    with pytest.raises(ValueError, match="input 'tokens' must be numbers, of dtype int32.*" + said):
        check_inputs(reader(), x)


def test_a_problem_looks_at_all_inputs():
    problem = tiny_problem()
    x = problem.train.x.astype(object)
    problem.train = mtkd.datasets.ArrayDataset(x, problem.train.y, batch_size=8)
    with pytest.raises(ValueError, match="'tiny', train data: In the first batch: The input"):
        problem.validate()
    tasks = [mtkd.Task("a", lambda: layers.Dense(1), "mse", ["mae"])]
    labels = {"a": np.zeros((4, 1))}
    words = np.array([[1, 2, 3]] * 3 + [[1, 2, 10]])

    def backbone():
        model = reader()
        return keras.Model(model.input, model.get_layer("features").output)

    good = (words[:3], {"a": labels["a"][:3]})
    with pytest.raises(ValueError, match="'texts', validation data: .*Received: 10, the largest"):
        mtkd.Problem("texts", tasks, backbone, good, (words, labels)).validate()
