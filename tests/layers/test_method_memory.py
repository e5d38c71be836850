"""What methods remember, as weights of a layer."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_mtkd.balancing.aggregation.sum import Sum
from keras_mtkd.layers.gradient_aggregator import GradientAggregator
from keras_mtkd.layers.method_memory import MethodMemory
from keras_mtkd.layers.parameter_aggregator import ParameterAggregator


class Counter(Sum):
    """Remembers a whole number and a vector."""

    def initial_state(self, tasks):
        return {"count": ops.zeros((), "int32"), "vector": ops.full((tasks,), 0.5)}


def memory(trainable=()):
    return MethodMemory(Counter(), 2, trainable, "memory")


def test_starts_as_the_method_says_in_float32():
    layer = memory()
    assert list(layer.memory) == ["count", "vector"]
    assert {variable.dtype for variable in layer.memory.values()} == {"float32"}
    np.testing.assert_array_equal(layer.memory["vector"], [0.5, 0.5])
    assert not layer.trainable_variables


def test_the_method_gets_its_own_types_back():
    layer = memory()
    layer.remember({"count": ops.ones((), "int32"), "vector": ops.arange(2, dtype="float32")})
    state = layer.state()
    assert {name: str(np.array(value).dtype) for name, value in state.items()} == {
        "count": "int32",
        "vector": "float32",
    }
    assert int(state["count"]) == 1
    np.testing.assert_array_equal(state["vector"], [0, 1])


def test_other_values_stand_in_for_the_weights():
    state = memory().state([np.float32(3.0), np.ones(2, "float32")])
    assert int(state["count"]) == 3
    assert [float(value) for value in state["vector"]] == [1.0, 1.0]


def test_states_in_the_order_of_the_weights():
    layer = memory()
    values = layer.as_weights({"vector": ops.zeros(2), "count": ops.ones((), "int32")})
    assert [value.shape for value in values] == [(), (2,)]
    assert float(values[0]) == 1.0


def test_what_the_optimiser_changes_is_not_taken_over():
    layer = memory(trainable=["vector"])
    assert layer.trainable_variables == [layer.memory["vector"]]
    layer.remember({"count": ops.ones((), "int32"), "vector": ops.zeros(2)})
    np.testing.assert_array_equal(layer.memory["vector"], [0.5, 0.5])
    assert float(layer.memory["count"].value) == 1.0


def test_there_must_be_an_objective():
    with pytest.raises(ValueError, match="Received: objectives=0"):
        MethodMemory(Sum(), 0, (), None)


@pytest.mark.parametrize(
    ("kind", "method"), [(GradientAggregator, "cagrad"), (ParameterAggregator, "cograd")]
)
def test_the_config_of_an_aggregator_makes_an_equal_one(kind, method):
    layer = kind(method, 3, True)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(again) is kind
    assert (again.objectives, again.times_tasks) == (3, True)
    assert again.method.get_config() == layer.method.get_config()


@pytest.mark.parametrize(
    ("kind", "method", "why"),
    [
        (GradientAggregator, "dwa", r"must combine gradients.*Received: DWA"),
        (ParameterAggregator, "mgda", r"must be a `ParameterMethod`. Received: MGDA"),
    ],
)
def test_an_aggregator_refuses_methods_of_another_kind(kind, method, why):
    with pytest.raises(TypeError, match=why):
        kind(method, 2)
