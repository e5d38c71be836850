"""Recording gradients leaves a method's weights and state alone."""

import keras
import numpy as np
import pytest
from balancing.linear_problem import LossesAsWeights

from keras_mtkd.balancing import get
from keras_mtkd.balancing._hierarchical import Hierarchical
from keras_mtkd.balancing.aggregation.recorded import Recorded

STEPS = 4


def gradients(seed=0):
    """Of three objectives; the last has none in the first two steps."""
    drawn = np.random.default_rng(seed).normal(size=(STEPS, 3, 5)) * [[[1.0], [50.0], [0.02]]]
    drawn[:2, 2] = 0.0
    return drawn


def run(method, losses=(1.0, 2.0, 3.0)):
    """The weights of every step, and the last state."""
    state, found = method.initial_state(3), []
    for rows in gradients():
        weights, state = method.step(rows @ rows.T, np.array(losses), state)
        found.append(np.array(weights))
    return np.array(found), {name: np.array(value) for name, value in state.items()}


@pytest.mark.parametrize("name", ["imtl_g", "multibalance", "hierarchical"])
def test_weights_and_state_are_the_methods(name):
    method = Hierarchical("multibalance", [[0, 1], [2]]) if name == "hierarchical" else get(name)
    weights, state = run(Recorded(method))
    expected, own = run(method)
    np.testing.assert_array_equal(weights, expected)
    assert state.keys() - own.keys() == {f"recorded_{s}" for s in ("cosines", "lengths", "steps")}
    for key, value in own.items():
        np.testing.assert_array_equal(state[key], value)


def test_means_are_those_of_the_steps_with_a_gradient():
    _, state = run(Recorded("sum"))
    cosines, lengths = Recorded.means(state)
    rows = gradients()
    found = np.linalg.norm(rows, axis=2)
    np.testing.assert_allclose(lengths[:2], found[:, :2].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(lengths[2], found[2:, 2].mean(), rtol=1e-5)
    for i, j, steps in ((0, 1, slice(None)), (0, 2, slice(2, None)), (1, 2, slice(2, None))):
        products = np.sum(rows[steps, i] * rows[steps, j], axis=1)
        mean = np.mean(products / (found[steps, i] * found[steps, j]))
        np.testing.assert_allclose(cosines[[i, j], [j, i]], mean, rtol=1e-4)
    np.testing.assert_allclose(np.diag(cosines), 1.0, rtol=1e-6)


def test_what_never_had_a_gradient():
    method = Recorded("sum")
    _, state = method.step(np.diag([4.0, 0.0]), None, method.initial_state(2))
    cosines, lengths = Recorded.means(state)
    np.testing.assert_array_equal(cosines, [[1.0, np.nan], [np.nan, np.nan]])
    np.testing.assert_array_equal(lengths, [2.0, 0.0])


def test_a_step_that_is_not_finite_is_not_counted():
    method = Recorded("sum")
    state = method.initial_state(2)
    _, state = method.step(np.diag([4.0, 1.0]), None, state)
    weights, state = method.step(np.diag([np.inf, 1.0]), None, state)
    assert np.isnan(np.array(weights)).all()
    np.testing.assert_array_equal(Recorded.means(state)[1], [2.0, 1.0])
    np.testing.assert_array_equal(state["recorded_steps"], [[1, 1], [1, 1]])


def test_losses_reach_the_method():
    weights, _ = run(Recorded(LossesAsWeights()))
    np.testing.assert_allclose(weights, [[1.0, 2.0, 3.0]] * STEPS)


def test_config():
    method = Recorded("cagrad")
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(method))
    assert repr(restored.method) == repr(method.method)


@pytest.mark.parametrize(
    ("method", "message"),
    [("dwa", "must combine gradients"), (Recorded("sum"), "records already")],
    ids=["weighting", "recorded"],
)
def test_refusals(method, message):
    with pytest.raises(TypeError, match=message):
        Recorded(method)
