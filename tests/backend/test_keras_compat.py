"""What is asked of Keras beside its public interface, answered as the package relies on it."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_mtkd._backend import keras_compat as compat


class Loud(layers.Dense):
    """Computes as the class of Keras does."""


class Other(layers.Dense):
    def call(self, inputs):
        return 2.0 * super().call(inputs)


@pytest.fixture
def model():
    inputs = keras.Input((4,))
    first, second = ops.split(inputs, 2, axis=1)
    dense = layers.Dense(3, name="dense")
    return keras.Model(inputs, layers.Dropout(0.5, name="drop")(dense(first) + dense(second)))


def test_a_symbolic_tensor_knows_the_call_and_the_place_that_it_came_from(model):
    dense = model.get_layer("dense")
    calls = compat.calls_of(dense)
    assert len(calls) == 2
    for place, call in enumerate(calls):
        (given,) = call.input_tensors
        assert compat.place_of(given) == place
        assert compat.maker_of(call.outputs[0]) is dense
        assert compat.call_of(call.outputs[0]) is call


@pytest.mark.parametrize(
    ("kind", "name"), [(layers.Dense, "Dense"), (Loud, "Dense"), (Other, None)], ids=str
)
def test_what_a_layer_computes_has_the_name_of_the_class_that_computes_it(kind, name):
    assert compat.name_in_keras(kind(3)) == name


def test_a_graph_is_run_layer_by_layer(model):
    x, seen = np.ones((2, 4), "float32"), []

    def call(layer, *args, **kwargs):
        seen.append(layer.name)
        return layer(*args, **kwargs)

    found = compat.run_graph(model, ops.convert_to_tensor(x), call)
    np.testing.assert_allclose(found, model(x), rtol=1e-6)
    assert seen.count("dense") == 2
    assert seen[-1] == "drop"


def test_layers_are_found_at_any_depth_the_model_first(model):
    inputs = keras.Input((4,))
    outer = keras.Model(inputs, model(inputs))
    found = compat.layers_within(outer)
    assert found[0] is outer
    assert {model, model.get_layer("dense"), model.get_layer("drop")} <= set(found)


def test_random_numbers_of_a_layer_itself(model):
    assert len(compat.seed_generators(model.get_layer("drop"))) == 1
    assert compat.seed_generators(model.get_layer("dense")) == []


def test_arguments_that_a_config_leaves_out():
    assert compat.arguments_of(keras.losses.Huber(delta=0.3))["delta"] == 0.3
    assert compat.arguments_of(keras.metrics.Mean()) == {}


def test_an_optimizer_knows_its_variables_and_its_rate():
    variable = keras.Variable(np.zeros(2, "float32"))
    optimizer = keras.optimizers.SGD(0.25)
    optimizer.build([variable])
    assert [each is variable for each in compat.trained_by(optimizer)] == [True]
    assert float(np.array(compat.rate_of(optimizer))) == 0.25
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    assert compat.rate_of(keras.optimizers.SGD(schedule)) is schedule


def test_a_model_of_no_strategy_has_none(model):
    assert compat.strategy_of(model) is None


def test_the_loss_in_the_logs_is_the_trackers_mean(model):
    model.compile("sgd", loss="mse")
    compat.loss_tracker(model).update_state(3.0)
    assert float(compat.loss_tracker(model).result()) == 3.0
    assert model.get_metrics_result()["loss"] == 3.0


def test_release_is_a_pair_that_compares():
    assert keras.__version__.startswith("{}.{}".format(*compat.RELEASE))
    assert compat.RELEASE >= (3, 15)
