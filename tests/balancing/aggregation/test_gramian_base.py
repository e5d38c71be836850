"""What a method is given and what becomes of its answer."""

import numpy as np
import pytest
from balancing.linear_problem import LossesAsWeights
from keras import ops

from keras_mtkd import balancing
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod, get_gram_method

LOSSES = np.array([1.0, 2.0])


class SumsOfRows(StatelessGramMethod):
    def _weights(self, gram):
        return ops.sum(gram, axis=1)


def test_without_a_state_the_gram_matrix_says_all():
    gram = np.array([[1.0, 2.0], [2.0, 5.0]])
    weights, state = SumsOfRows().step(gram, LOSSES, {})
    np.testing.assert_array_equal(weights, [3.0, 7.0])
    assert np.array(weights).dtype == np.float32
    assert state == {}


def test_losses_and_state_go_from_step_to_step():
    method = LossesAsWeights()
    weights, state = method.step(np.eye(2), LOSSES, method.initial_state(2))
    np.testing.assert_array_equal(weights, LOSSES)
    _, state = method.step(np.eye(2), LOSSES, state)
    assert float(state["sum"]) == 6.0


@pytest.mark.parametrize("broken", ["gram", "losses"])
def test_a_step_that_is_not_finite_has_no_weights_and_leaves_the_state(broken):
    method, given = LossesAsWeights(), {"gram": np.eye(2), "losses": LOSSES.copy()}
    given[broken][0] = np.nan
    weights, state = method.step(given["gram"], given["losses"], {"sum": ops.ones(())})
    assert np.isnan(np.array(weights)).all()
    assert float(state["sum"]) == 1.0


@pytest.mark.parametrize("shape", [(2,), (2, 3), (0, 0), (1, 2, 2)], ids=str)
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"static shape \(tasks, tasks\).*Received: shape=\("):
        SumsOfRows().weights(np.ones(shape))


def test_a_method_of_gradients_is_asked_for():
    assert isinstance(get_gram_method("cagrad"), balancing.CAGrad)
    with pytest.raises(TypeError, match=r"must combine gradients.*Received: DWA\("):
        get_gram_method("dwa")
