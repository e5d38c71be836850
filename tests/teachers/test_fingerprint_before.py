"""The first fingerprints by what they told apart; `tests/keras_releases` has their values."""

import keras
import numpy as np
import pytest
from helpers import toy_model
from problems import tiny_problem

from keras_mtkd import losses
from keras_mtkd.teachers import fingerprint_before


def of(width=8, name="m", layer="hidden"):
    inputs = keras.Input((6,))
    x = keras.layers.Dense(width, name=layer)(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, name=f"{layer}_end")(x), name=name)


def test_names_are_numbered():
    told = fingerprint_before.architecture
    assert told(of()) == told(of(name="other", layer="else"))
    assert told(of()) != told(of(width=9))
    assert "hidden" not in str(told(of()))


def test_weights_count_for_models():
    model = toy_model(("a",))
    before = fingerprint_before.of_model(model)
    assert fingerprint_before.of_model(model) == before
    model.layers[-1].bias.assign(np.ones(3))
    assert fingerprint_before.of_model(model) != before


@pytest.mark.parametrize(
    ("loss", "changed", "new"),
    [
        (losses.LogitKL(), losses.LogitKL(axis=1), "axis"),
        (losses.BinaryLogitKL(), losses.BinaryLogitKL(axis=1), "axis"),
    ],
)
def test_arguments_that_there_were_not_count_only_when_they_are_used(loss, changed, new):
    assert new not in fingerprint_before.objective(loss)
    assert fingerprint_before.objective(changed)[new] == 1


def test_functions_are_as_keras_3_15_wrote_them():
    @keras.saving.register_keras_serializable("before")
    def own(y_true, y_pred):
        return y_true - y_pred

    config = {"class_name": "function", "module": "mine", "config": "own", "registered_name": "m"}
    changed = fingerprint_before._change_back({"fn": [config]}, {})["fn"][0]
    assert (changed["module"], changed["registered_name"]) == ("builtins", "function")
    assert changed["config"] == "own"


def test_parts_of_a_problem():
    problem = tiny_problem()
    whole, one = fingerprint_before.of_problem(problem), fingerprint_before.of_problem(problem, "a")
    differing = {part for part in whole if whole[part] != one[part]}
    assert differing == {"tasks"}
    wider = fingerprint_before.of_problem(tiny_problem(width=9))
    assert {part for part in whole if whole[part] != wider[part]} == {"backbone"}
    more = fingerprint_before.of_problem(tiny_problem(samples=16, name="more"))
    assert {part for part in whole if whole[part] != more[part]} == {"problem", "data"}
