import keras
import numpy as np
import pytest

from keras_mtkd.distillers.weight_vectors import add_vector


def test_one_where_no_value_is_given():
    model = keras.Model()
    vector = add_vector(model, "task_weights", ["a", "b", "c"], {"b": 0.5})
    np.testing.assert_array_equal(vector, [1.0, 0.5, 1.0])
    assert (vector.trainable, vector.dtype, vector.name) == (False, "float32", "task_weights")
    assert [each is vector for each in model.non_trainable_variables] == [True]


def test_a_value_for_something_else():
    with pytest.raises(ValueError, match=r"`task_weights` names the task 'z'.*\['a'\]"):
        add_vector(keras.Model(), "task_weights", ["a"], {"z": 1.0, "a": 2.0})
