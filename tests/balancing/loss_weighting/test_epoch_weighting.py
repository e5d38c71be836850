"""Weights that stay for an epoch: what is summed, and what a subclass is told."""

import numpy as np

from keras_mtkd.balancing.loss_weighting.epoch_weighting import EpochWeighting, ratios


class Noting(EpochWeighting):
    """Weighs by the means of the epoch before."""

    def __init__(self):
        self.told = []

    def _after_epoch(self, means, state, logs):
        self.told.append((means, dict(logs)))
        return {"weights": means}


def after(method, epoch, state, logs=None):
    for losses in epoch:
        weights, state = method.step(np.array(losses, "float32"), state)
    return np.array(weights), method.end_epoch(state, logs)


def test_weights_stay_for_an_epoch_and_follow_from_its_means():
    method = Noting()
    weights, state = after(method, [[1.0, 2.0], [3.0, 4.0]], method.initial_state(2), {"loss": 5.0})
    np.testing.assert_array_equal(weights, [1.0, 1.0])
    ((means, logs),) = method.told
    np.testing.assert_allclose(means, [2.0, 3.0])
    assert logs == {"loss": 5.0}
    weights, state = after(method, [[8.0, 9.0]], state)
    np.testing.assert_array_equal(weights, [2.0, 3.0])
    np.testing.assert_allclose(method.told[1][0], [8.0, 9.0])
    assert method.told[1][1] == {}


def test_means_are_over_the_steps_in_which_a_task_has_a_loss():
    method = Noting()
    after(method, [[1.0, 0.0, 0.0], [3.0, 4.0, 0.0]], method.initial_state(3))
    np.testing.assert_allclose(method.told[0][0], [2.0, 4.0, 0.0])


def test_an_epoch_begins_with_nothing_and_types_stay():
    method = Noting()
    first = method.initial_state(2)
    _, state = after(method, [[1.0, 2.0]], first)
    assert list(state) == list(first)
    assert {value.dtype for value in state.values()} == {np.dtype("float32")}
    for name in ("sums", "counts"):
        np.testing.assert_array_equal(state[name], [0.0, 0.0])


def test_ratios_do_not_overflow():
    found = ratios(np.array([1.0, 1e30]), np.array([4.0, 1e-20]))
    np.testing.assert_allclose(found, [0.25, 1e30])
