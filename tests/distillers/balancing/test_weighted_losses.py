"""Objectives multiplied by weights, and the weights in the logs."""

import keras
import numpy as np
import pytest
from helpers import toy_model
from keras import ops

from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.balancing import Balancing, FixedWeights, LossWeighting
from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.balancing.weighted_losses import LossWeightingBalancer

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

VALUES = np.array([2.0, 3.0], "float32")


class Doubling(LossWeighting):
    """Weights that double when an epoch is over."""

    def initial_state(self, tasks):
        return {"weight": ops.ones((tasks,))}

    def _advance(self, losses, state):
        return state["weight"], state

    def end_epoch(self, state, logs=None):
        return {"weight": 2.0 * state["weight"]}


def balancer(method):
    student = TappedModel(toy_model(), [])
    return LossWeightingBalancer(student, Objectives(("a", "b"), (), "losses"), Balancing(method))


def test_the_weighted_sum_and_what_is_not_balanced():
    made = balancer(FixedWeights([0.5, 4.0]))
    assert float(made.total(VALUES, np.float32(1.0), {}, np.float32(4))) == pytest.approx(14.0)


def test_weights_are_logged_as_means_over_samples():
    made = balancer(Doubling())
    made.total(VALUES, 0.0, {}, np.float32(3))
    made.layer.end_epoch({})
    made.total(VALUES, 0.0, {}, np.float32(1))
    found = {name: float(mean.result()) for name, mean in made.means.items()}
    assert found == pytest.approx({"a_loss_weight": 1.25, "b_loss_weight": 1.25})


def test_its_callback_tells_the_method_that_an_epoch_is_over():
    made = balancer(Doubling())
    (callback,) = made.callbacks()
    callback.on_epoch_end(0, {"loss": 1.0})
    assert float(made.total(VALUES, 0.0, {}, np.float32(4))) == pytest.approx(10.0)


def test_methods_of_groups_balance_losses_and_distances_apart():
    student = TappedModel(toy_model(), [])
    objectives = Objectives(("a", "b"), ("a", "b"), "hierarchical")
    made = LossWeightingBalancer(student, objectives, Balancing("equal", "hierarchical"))
    assert made.layer.objectives == 4
    assert list(made.means) == [
        f"{name}_loss_weight" for name in ("a", "b", "a_distillation", "b_distillation")
    ]
    assert isinstance(made.means["a_loss_weight"], keras.metrics.Mean)
