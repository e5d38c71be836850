"""A layer around methods that look at other weights, with one whose answer is known."""

import keras
import numpy as np

from keras_mtkd.balancing import ParameterMethod
from keras_mtkd.balancing.aggregation.parameter_base import FirstOrderOracle
from keras_mtkd.balancing.linalg import jacobian_rows
from keras_mtkd.layers.parameter_aggregator import ParameterAggregator

WEIGHTS = [np.array([1.0, 2.0], "float32"), np.float32(3.0), np.float32(4.0)]
ROWS = [
    [np.array([1.0, 0.0], "float32"), np.float32(1.0), None],
    [np.array([0.0, 1.0], "float32"), None, None],
]
LOSSES = np.array([2.0, 5.0], "float32")


class Midpoint(ParameterMethod):
    """Adds the gradients at the displaced weights, and counts its steps."""

    def initial_state(self, tasks):
        return {"steps": keras.ops.zeros(())}

    def step(self, rows, losses, around, state):
        self.seen = rows, losses, around
        there = around.gradients(rows)
        return jacobian_rows.total(there), {"steps": state["steps"] + 1}


def around():
    """Gradients that are twice the displacement."""
    return FirstOrderOracle(
        WEIGHTS,
        [True, False, True],
        lambda displacements: [jacobian_rows.times(2.0, row) for row in displacements],
    )


def test_the_gradients_are_those_of_the_method():
    layer = ParameterAggregator(Midpoint(), 2)
    combined = layer(ROWS, LOSSES, around=around())
    np.testing.assert_allclose(combined[0], [2.0, 2.0])
    assert float(combined[1]) == 2.0
    assert combined[2] is None
    assert float(layer.memory["steps"].value) == 1.0
    assert not layer.trainable_variables


def test_the_method_gets_dense_gradients_but_where_no_objective_depends_on_a_weight():
    layer = ParameterAggregator(Midpoint(), 2)
    layer(ROWS, LOSSES, around=around())
    rows, losses, there = layer.method.seen
    assert float(rows[1][1]) == 0.0
    assert rows[0][2] is rows[1][2] is None
    np.testing.assert_array_equal(losses, LOSSES)
    assert there.shared == [True, False, True]
    assert there.weights is WEIGHTS


def test_only_shared_weights_are_multiplied_by_the_number_of_objectives():
    layer = ParameterAggregator(Midpoint(), 2, times_tasks=True)
    combined = layer(ROWS, LOSSES, around=around())
    np.testing.assert_allclose(combined[0], [4.0, 4.0])
    assert float(combined[1]) == 2.0
