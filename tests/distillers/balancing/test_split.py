"""A student cut in two at what its tasks share."""

import keras
import pytest

from keras_mtkd.distillers.balancing.split import SplitStudent


@pytest.mark.parametrize("name", ["trunk", "my.trunk"])
def test_a_tap_at_the_end_of_a_nested_model_is_the_shared_tensor(name):
    inputs = keras.Input((5,))
    features = keras.layers.Dense(4, name="features")(inputs)
    nested = keras.Model(inputs, features, name=name)
    outer = keras.Input((5,))
    shared = nested(outer)
    student = keras.Model(outer, {task: keras.layers.Dense(1)(shared) for task in "ab"})
    split = SplitStudent(student, None, [f"{name}.features", name])
    assert split.shared_paths == [f"{name}.features", name]
