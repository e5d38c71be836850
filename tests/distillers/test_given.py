import keras
import pytest

from keras_mtkd.distillers.given import Given


def test_before_compile_and_fit_there_is_nothing():
    one, other = Given({"a": 2.0}), Given({})
    assert (one.data, one.validation_data, one.compiled_with) == (None, None, {})
    with pytest.raises(AttributeError):
        _ = one.losses
    one.compiled_with["loss"] = "mse"
    assert other.compiled_with == {}


def test_keras_leaves_dicts_and_lists_as_they_are():
    weights, data = {"a": 2.0}, [[1.0]]

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.plain, self._given = weights, Given(weights, data=data)

    model = Own()
    # What Keras would do.
    assert model.plain is not weights
    assert model._given.task_weights is weights
    assert model._given.data is data
