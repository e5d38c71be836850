"""Weights that would lead away from the labels."""

import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model
from keras import ops
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.losses.sample_weights import check_weights
from keras_mtkd.losses.validation import check_data


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        ([1.0, -0.5, 0.0], r"Task 'a': 1 of 3 sample weights are negative, such as -0\.5\."),
        ([[1, -2], [-3, 0]], "2 of 4 sample weights are negative, such as -2"),
        ([1.0, np.nan], "1 of 2 sample weights are not finite, such as nan"),
        ([1.0, np.inf], "1 of 2 sample weights are not finite, such as inf"),
    ],
    ids=["samples", "positions", "nan", "infinite"],
)
def test_negative_and_endless_weights(weight, said):
    with pytest.raises(ValueError, match=said):
        check_weights("a", np.array(weight))


@pytest.mark.parametrize(
    "weight",
    [None, [0, 2], [0.0, 1e-9], [True, False], 1.0, []],
    ids=["none", "whole", "small", "mask", "scalar", "empty"],
)
def test_weights_that_are_left_alone(weight):
    check_weights("a", weight)


def test_half_precision():
    check_weights("a", ops.convert_to_numpy(ops.ones(3, "bfloat16")))
    with pytest.raises(ValueError, match="negative"):
        check_weights("a", ops.convert_to_numpy(-ops.ones(3, "bfloat16")))


def test_labels_and_weights_that_changed_places():
    x, y = toy_data()
    ones = {"b": np.ones((len(x), 1), "float32")}
    with pytest.raises(ValueError, match="Task 'b': .*have labels and weights changed places"):
        check_data(toy_model(("b",)), toy_losses(), (x, ones, {"b": y["b"]}))
    # One array for all tasks, and what is no task's.
    with pytest.raises(ValueError, match="Task 'b': 48 of 48"):
        check_data(toy_model(("b",)), toy_losses(), (x, y, -np.ones(len(x))))
    check_data(toy_model(("b",)), toy_losses(), (x, y, {"a": -np.ones(len(x))}))


def test_a_problem_looks_at_all_weights():
    problem = tiny_problem()
    weights = {"b": np.ones(len(problem.train.x))}
    weights["b"][-1] = -1.0
    made = mtkd.datasets.ArrayDataset(problem.train.x, problem.train.y, weights, batch_size=8)
    problem.train = made
    with pytest.raises(ValueError, match="'tiny', train data: In batch 4: Task 'b': 1 of 8"):
        problem.validate()
