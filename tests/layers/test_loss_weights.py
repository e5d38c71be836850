"""A layer that weighs values, with methods whose weights are known."""

import keras
import numpy as np
import pytest
from helpers import gradient
from keras import ops

from keras_mtkd.balancing import FixedWeights, LossWeighting
from keras_mtkd.layers.loss_weights import LossWeights

VALUES = np.array([2.0, 3.0], "float32")


class ByEpoch(LossWeighting):
    """Weighs all alike by the number of the epoch, and counts steps; adds 10 to the sum."""

    def initial_state(self, tasks):
        return {"epoch": ops.ones(()), "steps": ops.zeros((), "int32")}

    def _advance(self, losses, state):
        weights = ops.ones_like(losses) * state["epoch"]
        return weights, {**state, "steps": state["steps"] + 1}

    def penalty(self, state):
        return 10.0 * ops.cast(state["steps"], "float32")

    def end_epoch(self, state, logs=None):
        return {**state, "epoch": state["epoch"] + logs["more"]}


def test_the_weighted_sum_and_the_weights():
    total, weights = LossWeights(FixedWeights([0.5, 4.0]), 2)(VALUES)
    assert float(total) == pytest.approx(13.0)
    np.testing.assert_allclose(weights, [0.5, 4.0])


def test_gradients_are_the_weights():
    layer = LossWeights(FixedWeights([0.5, 4.0]), 2)
    np.testing.assert_allclose(gradient(lambda v: layer(v)[0], VALUES), [0.5, 4.0])


def test_the_penalty_of_the_step_is_added():
    layer = LossWeights(ByEpoch(), 2)
    assert [float(layer(VALUES)[0]) for _ in range(2)] == [15.0, 25.0]


def test_the_end_of_an_epoch_reaches_the_method_with_its_logs():
    layer = LossWeights(ByEpoch(), 2)
    layer.end_epoch({"more": np.float32(2.0)})
    np.testing.assert_allclose(layer(VALUES)[1], [3.0, 3.0])


def test_what_the_method_trains_is_trainable():
    assert len(LossWeights("uncertainty", 2).trainable_variables) == 1
    assert not LossWeights("dwa", 2).trainable_variables


def test_config_makes_an_equal_layer():
    layer = LossWeights(FixedWeights([0.5, 4.0]), 2, name="mine")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert (again.name, again.objectives, again.method.values) == ("mine", 2, (0.5, 4.0))


def test_methods_of_gradients_are_refused():
    with pytest.raises(TypeError, match=r"must weigh losses.*Received: MGDA"):
        LossWeights("mgda", 2)
