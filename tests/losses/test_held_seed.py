"""Random numbers that are drawn before a branch and keep still within."""

import numpy as np
import pytest

from keras_mtkd import losses
from keras_mtkd.losses.held_seed import HeldSeed, hold_seeds, seeds_of


def test_a_seed_that_is_held_keeps_still_and_goes_on_afterwards():
    held, free = HeldSeed(3), HeldSeed(3)
    expected = [np.array(free.next()) for _ in range(3)]
    np.testing.assert_array_equal(held.next(), expected[0])
    with hold_seeds([held]):
        for _ in range(2):
            np.testing.assert_array_equal(held.next(), expected[1])
    np.testing.assert_array_equal(held.next(), expected[2])
    assert len({tuple(seed) for seed in expected}) == 3


def test_it_is_let_go_if_the_branch_fails():
    held = HeldSeed(3)
    with pytest.raises(KeyError), hold_seeds(iter([held])):
        raise KeyError
    assert not np.array_equal(held.next(), held.next())


def test_seeds_of_a_loss_and_of_those_inside_it():
    drawn = losses.SampledLogitKL(seed=1)
    (seed,) = seeds_of(drawn)
    assert isinstance(seed, HeldSeed)
    assert seeds_of(losses.SelectPositions(drawn)) == [seed]
    assert seeds_of(losses.LogitKL()) == []
