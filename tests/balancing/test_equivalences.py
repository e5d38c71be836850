"""Closed forms, equivalences between methods, and what is known to go wrong."""

import numpy as np
import pytest

from balancing.gradient_sets import difference, gradients, pairs, update, weights_of
from keras_mtkd import balancing

# Where a method is called often, a traced function takes less time than its operations do.
often = pytest.mark.traced
EQUAL_LENGTHS = np.array([[1.0, 0.0], [0.6, 0.8]])


@often
def test_two_directions_are_bisected_by_what_ignores_lengths():
    for found in pairs():
        units = found / np.linalg.norm(found, axis=1)[:, None]
        middle = units.sum(axis=0) / np.linalg.norm(units.sum(axis=0))
        for method in (balancing.EDM(), balancing.IMTLG(), balancing.NashMTL()):
            step = update(method, found)
            assert difference(step / np.linalg.norm(step), middle) < 2e-3


def test_equal_lengths_of_two_give_equal_weights():
    methods = [
        balancing.CAGrad(0.4, "none"), balancing.NashMTL(), balancing.IMTLG(), balancing.EDM(),
        balancing.MGDA(), balancing.IMGrad(0.8, "none"), balancing.ConicGrad(0.5),
        balancing.UPGrad(),
    ]  # fmt: skip
    for method in methods:
        one, two = weights_of(method, EQUAL_LENGTHS)
        assert one == pytest.approx(two, rel=1e-4)


def test_equal_gradients_are_left_in_their_direction():
    found = np.tile([[1.0, 2.0, -1.0]], (3, 1))
    expected = {
        balancing.Sum(): 3.0, balancing.PCGrad(): 3.0, balancing.MGDA(): 1.0,
        balancing.CAGrad(0.4, "none"): 1.4, balancing.CAGrad(0.4, "linear"): 1.0,
        balancing.CAGrad(0.4, "square"): 1.4 / 1.16, balancing.ConicGrad(0.5): 1.0,
        balancing.EDM(): 1.0,
        balancing.IMTLG(): 1.0, balancing.UPGrad(): 1.0, balancing.GDOD(): 3.0,
    }  # fmt: skip
    for method, factor in expected.items():
        assert difference(update(method, found), factor * found[0]) < 1e-3


def test_opposite_gradients_of_equal_length_cancel():
    found = np.array([[1.0, 2.0], [-1.0, -2.0]])
    for method in (
        balancing.MGDA(), balancing.CAGrad(0.4, "none"), balancing.UPGrad(), balancing.EDM(),
        balancing.IMTLG(), balancing.PCGrad(), balancing.NashMTL(), balancing.FairGrad(),
    ):  # fmt: skip
        assert np.linalg.norm(update(method, found)) < 5e-3


@often
def test_a_zero_gradient_stops_mgda_and_has_no_say_elsewhere():
    found = np.array([[1.0, 0.5], [0.0, 0.0], [-0.5, 1.0]])
    others = found[[0, 2]]
    np.testing.assert_allclose(weights_of(balancing.MGDA(), found), [0.0, 1.0, 0.0], atol=1e-6)
    for method in (balancing.EDM(), balancing.IMTLG(), balancing.NashMTL(), balancing.FairGrad()):
        assert difference(update(method, found), update(method, others)) < 1e-3
    # A mean over three tasks instead of two.
    for method in (balancing.UPGrad(), balancing.CAGrad(0.4, "none"), balancing.ConicGrad(0.5)):
        assert difference(1.5 * update(method, found), update(method, others)) < 1e-3


def test_fair_with_alpha_one_is_the_nash_bargain():
    for tasks in (2, 3):
        found = gradients(0, tasks, scales=True)
        fair, nash = update(balancing.FairGrad(1.0), found), update(balancing.NashMTL(), found)
        np.testing.assert_allclose(fair, nash, rtol=1e-6)
        # Every task contributes 1.
        assert np.linalg.norm(nash) == pytest.approx(np.sqrt(tasks), rel=1e-3)


def test_a_large_alpha_comes_to_equal_gains_as_mgda():
    found = np.array([[1.0, 0.2], [-0.3, 0.9]])
    fair, shortest = update(balancing.FairGrad(200.0), found), update(balancing.MGDA(), found)
    assert difference(fair / np.linalg.norm(fair), shortest / np.linalg.norm(shortest)) < 1e-2


def test_no_ball_and_the_narrowest_cone_are_the_mean_gradient():
    found = gradients(3, 3)
    for method in (balancing.CAGrad(0.0), balancing.IMGrad(0.0), balancing.ConicGrad(1.0)):
        assert difference(update(method, found), found.mean(axis=0)) < 1e-3


def test_the_widest_cone_is_the_shortest_mixtures_direction():
    found = gradients(3, 3)
    cone, shortest = update(balancing.ConicGrad(0.0), found), update(balancing.MGDA(), found)
    mean = np.linalg.norm(found.mean(axis=0))
    assert difference(cone, mean * shortest / np.linalg.norm(shortest)) < 1e-3


@often
def test_a_cone_serves_the_worst_task_no_less_than_the_ball_it_contains():
    for seed in range(5):
        found, radius = gradients(seed, 3), np.sqrt(0.75)
        ball = update(balancing.CAGrad(radius, "none"), found)
        cone = update(balancing.ConicGrad(0.5), found)
        gains = [np.min(found @ each) / np.linalg.norm(each) for each in (ball, cone)]
        assert gains[1] >= gains[0] - 1e-3 * np.linalg.norm(found, axis=1).max()


def test_first_vaccine_is_surgery():
    for tasks in (2, 6):
        found = gradients(2, tasks)
        one, two = update(balancing.GradVac(), found), update(balancing.PCGrad(), found)
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-4)
