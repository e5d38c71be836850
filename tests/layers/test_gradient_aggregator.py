"""A layer that combines rows of gradients, with a method whose weights are known."""

import numpy as np
import pytest
from balancing.linear_problem import LossesAsWeights

from keras_mtkd.layers.gradient_aggregator import GradientAggregator

LOSSES = np.array([2.0, -3.0], "float32")
# Two weights that both objectives share, one that only the second reaches, one that none does.
ROWS = [
    [np.array([1.0, 2.0], "float32"), np.float32(4.0), None, None],
    [np.array([0.5, 1.0], "float32"), np.float32(1.0), np.ones(3, "float32"), None],
]


@pytest.mark.parametrize(("times_tasks", "factor"), [(False, 1.0), (True, 2.0)])
def test_gradients_are_weighed_and_added(times_tasks, factor):
    layer = GradientAggregator(LossesAsWeights(), 2, times_tasks)
    combined, weights = layer(ROWS, LOSSES)
    np.testing.assert_allclose(weights, factor * LOSSES)
    expected = [[0.5, 1.0], 5.0, [-3.0, -3.0, -3.0]]
    for found, value in zip(combined, expected, strict=False):
        np.testing.assert_allclose(found, factor * np.array(value))
    assert combined[3] is None


def test_the_method_sees_the_inner_products_of_all_weights():
    class Noting(LossesAsWeights):
        def _advance(self, gram, losses, state):
            self.seen = gram
            return super()._advance(gram, losses, state)

    layer = GradientAggregator(Noting(), 2)
    layer(ROWS, LOSSES)
    # (1, 2, 4) and (0.5, 1, 1, 1, 1, 1).
    np.testing.assert_allclose(layer.method.seen, [[21.0, 6.5], [6.5, 5.25]])


def test_it_remembers_from_step_to_step():
    layer = GradientAggregator(LossesAsWeights(), 2)
    for _ in range(3):
        layer(ROWS, LOSSES)
    assert float(layer.memory["sum"].value) == -3.0
    assert not layer.trainable_variables
