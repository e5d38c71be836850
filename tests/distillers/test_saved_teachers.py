"""Teachers in configs."""

import keras
import numpy as np
import pytest
from helpers import toy_model

from keras_mtkd.distillers.saved_teachers import pack_teachers, unpack_teachers

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

unpack = keras.saving.deserialize_keras_object


def test_a_model_of_two_tasks_is_written_once():
    both, other = toy_model(width=5), toy_model(("b",), 4)
    packed = pack_teachers({"a": both, "b": both, "c": other})
    assert len(packed["teacher_models"]) == 2
    assert packed["teachers"] == {"a": 0, "b": 0, "c": 1}
    again = unpack_teachers(packed, unpack)
    assert again["a"] is again["b"] is not again["c"]
    assert again["a"].get_layer("features").units == 5
    assert list(again["c"].output) == ["b"]


def test_what_they_were_compiled_with_comes_back_without_an_optimiser_of_keras_own():
    teacher, plain = toy_model(("a",)), toy_model(("b",))
    teacher.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    packed = pack_teachers({"a": teacher, "b": plain})
    assert "compile_config" not in packed["teacher_models"][0]
    assert packed["compiled_teachers"][1] is None
    again = unpack_teachers(packed, unpack)
    assert again["a"].loss.get_config()["from_logits"] is True
    assert not again["a"].optimizer.built
    assert not again["b"].compiled


def test_files_of_before_lack_compilations():
    teacher = toy_model(("a",))
    packed = pack_teachers({"a": teacher})
    del packed["compiled_teachers"]
    (again,) = unpack_teachers(packed, unpack).values()
    assert not again.compiled
    again.set_weights(teacher.get_weights())
    x = np.ones((2, 6), "float32")
    np.testing.assert_allclose(again(x)["a"], teacher(x)["a"], rtol=1e-5)
