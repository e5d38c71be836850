"""One optimiser out of several, some of which rest."""

import keras
import numpy as np
import pytest

from keras_mtkd.distillers.online.optimizers import OnlineOptimizer, one_each

SGD = keras.optimizers.SGD


@pytest.fixture
def variables():
    return {name: keras.Variable(1.0, name=name) for name in ("single", "part", "student")}


def made(variables):
    optimizer = OnlineOptimizer(
        [(SGD(0.1), [variables["single"]])],
        [(SGD(0.01, weight_decay=0.5), [variables["part"]])],
        SGD(0.5),
    )
    optimizer.build(list(variables.values()))
    return optimizer


def values(variables):
    return [float(variable.value) for variable in variables.values()]


def test_every_group_is_stepped_by_its_own(variables):
    optimizer = made(variables)
    optimizer.apply([np.float32(1.0)] * 3, list(variables.values()))
    assert values(variables) == pytest.approx([0.9, (1 - 0.01 * 0.5) - 0.01, 0.5])


def test_in_the_warm_up_all_but_the_single_networks_rest(variables):
    optimizer = made(variables)
    optimizer.warming = True
    optimizer.apply([np.float32(1.0)] * 3)
    assert values(variables) == pytest.approx([0.9, 1.0, 1.0])
    steps = [int(own.iterations) for own in optimizer.optimizers]
    assert sorted(steps) == [0, 0, 1]
    assert int(optimizer.iterations) == 1
    optimizer.warming = False
    optimizer.apply([np.float32(1.0)] * 3)
    assert values(variables)[2] == pytest.approx(0.5)


class TestOneEach:
    def test_copies_of_one(self):
        found = one_each(SGD(0.3, momentum=0.5), ["a", "b"])
        assert list(found) == ["a", "b"]
        assert found["a"] is not found["b"]
        for own in found.values():
            assert type(own) is SGD
            assert (float(own.learning_rate), own.momentum) == (pytest.approx(0.3), 0.5)

    def test_names_and_configs(self):
        config = keras.optimizers.serialize(keras.optimizers.Adam(0.2))
        assert float(one_each(config, ["a"])["a"].learning_rate) == pytest.approx(0.2)
        assert type(one_each("adam", ["a"])["a"]) is keras.optimizers.Adam

    def test_those_that_are_given(self):
        own = SGD(0.3)
        found = one_each({"a": own, "b": "adam"}, ["a", "b"])
        assert found["a"] is own
        assert type(found["b"]) is keras.optimizers.Adam

    def test_a_task_without_one(self):
        with pytest.raises(ValueError, match=r"'b' has no optimiser.*optimisers for: \['a'\]"):
            one_each({"a": SGD()}, ["a", "b"])
