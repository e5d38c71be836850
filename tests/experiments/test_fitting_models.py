"""Whether methods can work with given models."""

import keras
import pytest

from experiments.comparing import SETTINGS, small_problem
from keras_mtkd.experiments import METHODS
from keras_mtkd.experiments.fitting_models import check_methods


def deep(layers):
    hidden = inputs = keras.Input((6,), name="input")
    for number in range(layers):
        hidden = keras.layers.Dense(4, name=f"layer{number}")(hidden)
    return keras.Model(inputs, keras.layers.Dense(3, name="out")(hidden), name="deep")


def test_methods_that_tap_nothing_fit_any_teacher():
    problem = small_problem()
    teachers = {"a": deep(2), "b": problem.single("b")}
    check_methods([METHODS["uniform"], METHODS["logits"]], problem, teachers, SETTINGS)


def test_of_many_layers_the_last_are_told():
    problem = small_problem()
    with pytest.raises(ValueError, match="does not fit") as error:
        check_methods([METHODS["mtlkd"]], problem, {"a": deep(20)}, SETTINGS)
    told = next(line for line in str(error.value).splitlines() if "teacher of 'a':" in line)
    assert told.startswith("Layers of the teacher of 'a': 10 more, ..., 'layer9', ")
    assert told.endswith("'layer19', 'out'.")
