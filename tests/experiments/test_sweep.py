"""One method under several values of a setting."""

import pytest

from keras_mtkd.experiments import Method, Settings, sweep
from keras_mtkd.experiments._registry import METHODS


def nothing(problem, settings):
    return []


def test_every_combination_is_a_method_of_its_own():
    found = sweep(["uniform", "mtlkd"], learning_rate=(1e-3, 3e-3), weight=[1, 10])
    assert [method.name for method in found[:4]] == [
        "uniform_learning-rate-0-001_weight-1",
        "uniform_learning-rate-0-001_weight-10",
        "uniform_learning-rate-0-003_weight-1",
        "uniform_learning-rate-0-003_weight-10",
    ]
    assert found[4].title == "MTLKD, learning rate 0.001, weight 1"
    assert found[4].distillation is METHODS["mtlkd"].distillation
    shared = Settings(epochs=3, temperature=2.0)
    own = found[4].own(shared)
    assert (own.learning_rate, own.weight, own.epochs, own.temperature) == (1e-3, 1, 3, 2.0)
    assert len({method.fingerprint() for method in found}) == 8


def test_values_add_to_those_that_a_method_has():
    mine = Method("Mine", nothing, settings={"weight": 2.0})
    (found,) = sweep(mine, temperature=(1.0,))
    assert found.settings == {"weight": 2.0, "temperature": 1.0}
    assert mine.fingerprint() != Method("Mine", nothing).fingerprint()


def test_single_task_models_are_left_out():
    assert [method.name for method in sweep(["single", "mtlkd"], weight=(1,))] == ["mtlkd_weight-1"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "needs a setting with its values"),
        ({"wait": (1, 2)}, "Method 'MTLKD, wait 1': .*'wait'"),
        ({"epochs": (1, 2)}, "`epochs` is the same for all methods of a comparison"),
        ({"temperature": (0,)}, "`temperature` must be positive"),
    ],
    ids=["none", "unknown", "shared", "wrong"],
)
def test_wrong_settings_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        sweep("mtlkd", **values)


def test_one_value_is_refused():
    with pytest.raises(TypeError, match="`weight` must be several"):
        sweep("mtlkd", weight=1)
    with pytest.raises(TypeError, match="decay"):
        sweep("mtlkd", decay="half")
