import keras
import numpy as np
import pytest

from keras_mtkd.balancing.gradient_assignment import GradientAssignment


def test_a_gradient_is_the_next_value_whatever_the_rate():
    variable = keras.Variable(np.array([1.0, 2.0], "float32"))
    optimizer = GradientAssignment(learning_rate=0.1)
    for given in ([5.0, -3.0], [0.0, 7.0]):
        optimizer.apply([keras.ops.convert_to_tensor(given)], [variable])
        np.testing.assert_array_equal(np.array(variable), given)


@pytest.mark.parametrize("name", ["GradientAssignment", "Keep"])
def test_files_find_it_by_its_name_and_by_the_one_before(name):
    saved = keras.saving.serialize_keras_object(GradientAssignment())
    assert saved["registered_name"] == "keras_mtkd>GradientAssignment"
    saved.update(class_name=name, registered_name=f"keras_mtkd>{name}")
    assert type(keras.saving.deserialize_keras_object(saved)) is GradientAssignment
