import numpy as np
from balancing.loss_oracles import Adam
from keras import ops

from keras_mtkd.balancing.linalg.adam import change, initial_moments

GRADIENTS = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
ALL = np.ones(3, bool)


def run(active):
    """The numbers after every step, from 0."""
    state, value, found = initial_moments(3), np.zeros(3), []
    for gradient, here in zip(GRADIENTS, active, strict=True):
        step, state = change(ops.convert_to_tensor(gradient), state, here, 0.1)
        value = value + np.array(step)
        found.append(value)
    return np.array(found), state


def test_steps_are_those_of_adam():
    expected, found = Adam(np.zeros(3), 0.1), run([ALL] * 4)[0]
    for gradient, value in zip(GRADIENTS, found, strict=True):
        expected.descend(gradient)
        np.testing.assert_allclose(value, expected.value, rtol=1e-4)


def test_what_takes_no_part_stays_and_is_not_counted():
    waiting = np.array([True, False, True])
    found, state = run([ALL, waiting, waiting, ALL])
    assert found[0, 1] == found[1, 1] == found[2, 1]
    np.testing.assert_array_equal(state["updates"], [4, 2, 4])
    expected = Adam(np.zeros(1), 0.1)
    for number in (0, 3):
        expected.descend(GRADIENTS[number, 1:2])
    np.testing.assert_allclose(found[-1, 1], expected.value[0], rtol=1e-4)
