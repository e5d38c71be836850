"""Labels and answers of the first samples of any data."""

import numpy as np
import pytest

from keras_mtkd.distillation.first_answers import first_answers

X = np.arange(100.0)[:, None]
Y = {"a": X[:, 0] + 1.0}


def predict(x):
    return {"a": 2 * x}


@pytest.mark.parametrize("weights", [None, {"a": X[:, 0]}])
def test_of_the_first_samples(weights):
    y, p, weight = first_answers((X, Y, weights), ["a"], predict)["a"]
    np.testing.assert_array_equal(y, Y["a"][:64])
    np.testing.assert_array_equal(p, 2 * X[:64])
    np.testing.assert_array_equal(weight, np.ones(64) if weights is None else X[:64, 0])


def test_in_data_that_can_be_read_again():
    by_replica = type("Set", (), {"__module__": "tensorflow.python.distribute.input_lib"})()
    for unread in (iter([(X, Y)]), by_replica, (X, {})):
        assert first_answers(unread, ["a"], predict) == {}
    assert first_answers((X, Y), [], predict) == {}
