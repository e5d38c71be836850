"""Losses of students in float16 are scaled, whatever policy is set."""

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model

import keras_mtkd as mtkd
from keras_mtkd.distillers.policy import policy_of


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_the_students_own(policy):
    keras.config.set_dtype_policy(policy)
    student = toy_model()
    keras.config.set_dtype_policy("float32")
    assert policy_of(student).name == policy


def test_that_of_a_layer_at_any_depth():
    inputs = keras.Input((6,))
    inner = keras.Sequential([keras.layers.Dense(4, dtype="mixed_float16")])
    student = keras.Model(inputs, {"a": keras.layers.Dense(3)(inner(inputs))})
    assert student.dtype_policy.name == "float32"
    assert policy_of(student).name == "mixed_float16"


def test_a_model_that_is_loaded_where_no_policy_is_set_goes_on(tmp_path):
    keras.config.set_dtype_policy("mixed_float16")
    model = mtkd.MultiTaskModel(toy_model())
    model.compile("adam", loss=toy_losses())
    x, y = toy_data(0, 16)
    model.fit(x, y, batch_size=8, verbose=0)
    model.save(tmp_path / "model.keras")
    keras.config.set_dtype_policy("float32")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.optimizer, keras.optimizers.LossScaleOptimizer)
    for one, other in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.array(one), np.array(other))
