"""Loss weightings that learn: their objectives, and gradients of what is learned."""

import keras
import numpy as np
import pytest
from keras import ops

from balancing import loss_oracles as oracles
from balancing.loss_sets import losses, start, step
from keras_mtkd import balancing
from keras_mtkd._backend.autodiff import compiled_gradient

LEARNED = {
    "uncertainty": ("log_variances", lambda s, values: np.sum(np.exp(-s) * values / 2 + s / 2)),
    "imtl_l": ("log_scales", lambda s, values: np.sum(np.exp(s) * values - s)),
}


def objective_of(method, entry, learned, state, values):
    weights, new = method.step(values, {**state, entry: learned})
    return ops.sum(weights * values) + method.penalty(new)


@pytest.mark.parametrize("name", LEARNED)
def test_objective_and_gradient_of_what_is_learned(name):
    method, (entry, stated) = balancing.get(name), LEARNED[name]
    assert method.trainable == (entry,)
    state, at = start(method), np.array([-0.5, 0.2, 3.0])
    values = losses(1)[0]

    def objective(learned):
        return objective_of(method, entry, learned, state, ops.convert_to_tensor(values))

    learned = ops.convert_to_tensor(at.astype("float32"))
    found = ops.convert_to_numpy(compiled_gradient(objective)(learned))
    expected = oracles.derivative(lambda s: stated(s, values.astype("float64")), at)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    np.testing.assert_allclose(
        ops.convert_to_numpy(objective(learned)), stated(at, values), rtol=1e-5
    )


@pytest.mark.parametrize("name", LEARNED)
def test_nothing_is_learned_of_a_missing_task(name):
    method, (entry, _) = balancing.get(name), LEARNED[name]
    state = start(method)

    def objective(learned):
        values = ops.convert_to_tensor(np.array([0.5, 0.0, 3.0], "float32"))
        return objective_of(method, entry, learned, state, values)

    found = ops.convert_to_numpy(compiled_gradient(objective)(ops.convert_to_tensor(state[entry])))
    assert found[1] == 0
    assert np.all(found[[0, 2]] != 0)


@pytest.mark.parametrize(("name", "power"), [("uncertainty", 0.5), ("imtl_l", 1.0)])
def test_descent_comes_to_weights_that_make_losses_alike(name, power):
    method, (entry, _) = balancing.get(name), LEARNED[name]
    values, state = np.array([0.1, 1.0, 4.0], "float32"), start(method)

    def objective(learned):
        return objective_of(method, entry, learned, state, ops.convert_to_tensor(values))

    gradient, learned = compiled_gradient(objective), ops.convert_to_tensor(state[entry])
    for _ in range(100):
        learned = learned - 0.3 * gradient(learned)
    learned = keras.ops.convert_to_numpy(learned)
    weights, _ = step(method, values, {**state, entry: learned})
    np.testing.assert_allclose(weights * values, power, rtol=1e-2)
