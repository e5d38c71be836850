import math
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.teachers.best_weights import BestWeights, goodness, mean_change

ACCURACY = mtkd.Task("left", None, "mse", ["accuracy"])
ERROR = mtkd.Task("depth", None, "mse", ["mae"], higher_is_better=False)


def after(values, of="part"):
    """Weights after epochs whose number they are, and what kept the best of them."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    keep = BestWeights(lambda logs: logs["value"], model if of == "part" else None)
    keep.set_model(SimpleNamespace(student=model))
    for epoch, value in enumerate(values):
        model.set_weights([np.full((1, 1), epoch)])
        keep.on_epoch_end(epoch, {"value": value})
    keep.on_train_end()
    return model.get_weights()[0].item(), keep


@pytest.mark.parametrize("of", ["part", "student"])
def test_the_best_epoch_stays(of):
    weight, keep = after([0.2, 0.9, 0.5], of)
    assert (weight, keep.best_epoch, keep.best) == (1, 1, 0.9)


def test_of_equal_epochs_the_first_stays():
    assert after([0.2, 0.9, 0.9, 0.3])[0] == 1


def test_nan_is_never_the_best():
    assert after([math.nan, 0.1, math.nan])[0] == 1
    weight, keep = after([math.nan, math.inf])
    assert (weight, keep.best_epoch) == (1, None)


def test_less_of_an_error_is_better():
    assert goodness({"val_depth_mae": 0.2}, ERROR) > goodness({"val_depth_mae": 0.3}, ERROR)
    # Keras leaves the task out where there is only one.
    assert goodness({"val_accuracy": 0.8}, ACCURACY) == 0.8
    assert math.isnan(goodness({"loss": 1.0}, ACCURACY))


def test_the_mean_change_is_of_tasks_that_have_a_base():
    tasks = {"left": ACCURACY, "depth": ERROR}
    logs = {"val_left_accuracy": 0.9, "val_depth_mae": 0.4}
    assert mean_change(logs, {"left": 1.0, "depth": 0.5}, tasks) == pytest.approx(5.0)
    assert mean_change(logs, {"left": 1.0, "depth": math.nan}, tasks) == pytest.approx(-10.0)
    assert mean_change(logs, {"left": 1.0, "depth": 0.0}, tasks) == pytest.approx(-10.0)
    assert math.isnan(mean_change(logs, {}, tasks))
    assert math.isnan(mean_change({}, {"left": 1.0}, tasks))
