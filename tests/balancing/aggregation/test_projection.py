"""Gradients that meet each other pair by pair."""

import numpy as np
from balancing.gradient_sets import gradients, gram_of
from keras import ops

from keras_mtkd.balancing.aggregation._projection import orders, visit_pairs

FOUND = gradients(1, 3)


def test_every_copy_meets_the_others_in_its_order_and_never_itself():
    order, met = np.array([[0, 2, 1], [2, 1, 0], [0, 1, 2]], "int32"), []

    def visit(combinations, others, products):
        combined = np.array(combinations) @ FOUND
        expected = [one @ FOUND[other] for one, other in zip(combined, others, strict=True)]
        np.testing.assert_allclose(products, expected, rtol=1e-3, atol=1e-3)
        met.append(np.array(others))
        return ops.full((3,), 0.5)

    found = visit_pairs(gram_of(FOUND), order, visit)
    np.testing.assert_array_equal(np.transpose(met), order)
    np.testing.assert_allclose(found, 0.5 + 0.5 * np.eye(3))


def test_without_a_seed_tasks_are_met_in_their_order():
    np.testing.assert_array_equal(orders(3, None, ops.zeros(())), [[0, 1, 2]] * 3)


def test_a_seed_draws_another_order_every_step_and_the_same_one_again():
    steps = [np.array(orders(6, 4, ops.convert_to_tensor(step))) for step in (0.0, 1.0, 1.0)]
    for found in steps:
        np.testing.assert_array_equal(np.sort(found, axis=1), [range(6)] * 6)
    assert not np.array_equal(steps[0], steps[1])
    np.testing.assert_array_equal(steps[1], steps[2])
    assert len(set(map(tuple, steps[0]))) > 1
