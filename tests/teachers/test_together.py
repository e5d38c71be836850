"""Models side by side learn what they learn by themselves."""

import keras
import numpy as np
import pytest
from helpers import snapshot
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.teachers import together
from keras_mtkd.teachers.together import side_by_side, split_history, worth_it


def model(units=2, size=3, **options):
    inputs = keras.Input((size,))
    hidden = keras.layers.Dense(units, **options)(inputs)
    return keras.Model(inputs, {"t": keras.layers.Dense(1)(hidden)})


def train(problem):
    return mtkd.train_teachers(problem, epochs=2, learning_rate=0.05, seed=3, verbose=0)


def test_they_learn_the_same_as_one_by_one(monkeypatch):
    """Weights and histories; the head of the second task is drawn as if there were no other."""
    side = train(tiny_problem())
    monkeypatch.setattr(together, "_SMALL", 0)
    alone = train(tiny_problem())
    for task in "ab":
        for one, other in zip(snapshot(side[task]), snapshot(alone[task]), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
        histories = side[task].history.history, alone[task].history.history
        assert set(histories[0]) == set(histories[1])
        for name, values in histories[1].items():
            np.testing.assert_allclose(histories[0][name], values, rtol=1e-4, err_msg=name)


def test_small_models_are_worth_it():
    assert worth_it({"a": model(), "b": model()})
    assert not worth_it({"a": model()})
    assert not worth_it({"a": model(), "b": model(units=300_000)})
    # Any number of positions.
    inputs = keras.Input((None, 3))
    whole = keras.layers.Dense(2)(inputs)
    pooled = keras.layers.GlobalAveragePooling1D()(whole)
    long = keras.Model(inputs, {"t": keras.layers.Dense(1)(pooled)})
    assert not worth_it({"a": long, "b": long})


@pytest.mark.parametrize("which", ["kernel_regularizer", "activity_regularizer"])
def test_losses_of_layers_stay_each_models_own(which):
    assert not worth_it({"a": model(), "b": model(**{which: "l2"})})


def test_inputs_keep_their_structure_and_names():
    def two_inputs():
        inputs = {"left": keras.Input((2,), name="left"), "right": keras.Input((3,), name="right")}
        joined = keras.layers.Concatenate()([inputs["left"], inputs["right"]])
        return inputs, joined

    models = {}
    for task, units in {"a": 1, "b": 4}.items():
        inputs, joined = two_inputs()
        models[task] = keras.Model(inputs, {task: keras.layers.Dense(units)(joined)}, name=task)
    both = side_by_side(models)
    assert sorted(both.input) == ["left", "right"]
    x = {"right": np.ones((5, 3), "float32"), "left": np.zeros((5, 2), "float32")}
    found = both(x)
    for task, each in models.items():
        np.testing.assert_array_equal(found[task], each(x)[task])


def test_histories_are_told_apart_by_the_whole_name_of_a_task():
    found = split_history(
        {
            "loss": [9.0],
            "left_loss": [1.0],
            "val_left_loss": [2.0],
            "left_parity_loss": [3.0],
            "left_parity_accuracy": [4.0],
        },
        ["left", "left_parity"],
    )
    assert found == {
        "left": {"left_loss": [1.0], "loss": [1.0], "val_left_loss": [2.0], "val_loss": [2.0]},
        "left_parity": {"left_parity_loss": [3.0], "loss": [3.0], "left_parity_accuracy": [4.0]},
    }
