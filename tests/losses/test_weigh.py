"""What reductions make of weights."""

import keras
import numpy as np
import pytest

from keras_mtkd import losses
from keras_mtkd.losses.weigh import mean_weight, weigh
from losses.weighted_maps import (
    DEPTH,
    ONE,
    POSITIONS,
    SAMPLES,
    STUDENT,
    TEACHER,
    expected,
    spread,
    squares,
)


def test_the_weight_that_a_value_stands_for():
    loss = losses.MaskedMeanAbsoluteError()
    guess = STUDENT[ONE].astype("float32")
    for weight in (SAMPLES, POSITIONS):
        found = float(mean_weight(loss, DEPTH, guess, weight))
        wanted = expected(np.ones(POSITIONS.shape), DEPTH[..., 0] != 0, weight)
        assert found == pytest.approx(wanted, rel=1e-5)
    found = float(mean_weight(losses.CKALoss(), TEACHER, STUDENT, SAMPLES))
    assert found == pytest.approx(SAMPLES.mean(), rel=1e-5)


def test_means_by_the_weights_divide_by_those_of_positions():
    loss = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
    for weight in (SAMPLES, POSITIONS):
        found = float(weigh(loss, TEACHER, STUDENT.astype("float32"), weight))
        wanted = np.average(squares(TEACHER, STUDENT), weights=spread(weight))
        assert found == pytest.approx(wanted, rel=1e-4)


def test_a_loss_of_one_value_a_sample():
    loss = keras.losses.Dice(axis=(1, 2, 3))
    truth, guess = (np.abs(side).astype("float32") for side in (TEACHER, STUDENT))
    each = 1 - (2 * (truth * guess).sum((1, 2, 3))) / (truth + guess).sum((1, 2, 3))
    for weight in (SAMPLES, POSITIONS):
        found = float(weigh(loss, truth, guess, weight))
        assert found == pytest.approx((each * spread(weight).mean((1, 2))).mean(), rel=1e-4)


@pytest.mark.parametrize("loss", ["mean_squared_error", keras.losses.MeanSquaredError()])
@pytest.mark.parametrize("weight", [(0.0, 1.0, 3.0), ((0.0,), (1.0,), (3.0,))])
def test_a_head_without_a_last_axis(loss, weight):
    """Each sample has its weight, with an axis of 1 or without."""
    truth, guess = np.array([1.0, 2.0, 4.0], "float32"), np.zeros(3, "float32")
    weight = np.array(weight, "float32")
    assert float(weigh(losses.get(loss), truth, guess, weight)) == pytest.approx(52 / 3)


class Own(keras.losses.Loss):
    """A loss of a user's that is the mean of its entries."""

    def call(self, y_true, y_pred):
        return keras.ops.mean((y_true - y_pred) ** 2, axis=-1)


def test_weights_of_entries_and_a_loss_that_does_not_tell():
    truth, guess = TEACHER.astype("float32"), STUDENT.astype("float32")
    weight = np.linspace(0.0, 2.0, truth.size).reshape(truth.shape).astype("float32")
    with pytest.warns(UserWarning, match="'own' has one value for those of the last axis"):
        found = float(weigh(Own(name="own"), truth, guess, weight))
    squared = (truth - guess) ** 2
    assert found == pytest.approx((squared.mean(-1) * weight.mean(-1)).mean(), rel=1e-4)
    told = Own(name="own")
    told.elementwise = True
    found = float(weigh(told, truth, guess, weight))
    assert found == pytest.approx((squared * weight).mean(), rel=1e-4)
    told.elementwise = False
    weigh(told, truth, guess, weight)
