"""Several losses of one head."""

import keras
import numpy as np
import pytest

from keras_mtkd.losses import LogitKL
from keras_mtkd.losses._summed import SummedLoss
from keras_mtkd.losses.kinds import CLASS, kind_of

TRUTH = np.array([[0.0], [1.0], [4.0]], "float32")
GUESS = np.array([[1.0], [1.0], [1.0]], "float32")
BOTH = SummedLoss([keras.losses.MeanSquaredError(), keras.losses.MeanAbsoluteError("sum")])


def test_each_is_reduced_by_itself_and_weighed():
    # Squares 1, 0, 9 are averaged; distances 1, 0, 3 are summed.
    assert float(BOTH(TRUTH, GUESS)) == pytest.approx(10 / 3 + 4)
    weights = np.array([2.0, 5.0, 0.0], "float32")
    assert float(BOTH(TRUTH, GUESS, weights)) == pytest.approx(2 / 3 + 2)


def test_it_is_of_the_kind_that_all_agree_on():
    alike = SummedLoss([LogitKL(2.0), LogitKL(3.0)])
    assert (kind_of(alike).predicts, kind_of(alike).from_logits) == (CLASS, True)
    assert kind_of(SummedLoss([LogitKL(), keras.losses.MeanSquaredError()])).predicts is None


def test_saved_and_loaded_with_its_parts():
    given = SummedLoss([LogitKL(3.0), keras.losses.Huber(0.25)], name="both")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(given))
    assert (type(again), again.name) == (SummedLoss, "both")
    assert [type(part) for part in again.losses] == [LogitKL, keras.losses.Huber]
    assert again.losses[0].temperature == 3.0
    assert again.get_config() == given.get_config()
