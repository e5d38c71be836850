import keras
import numpy as np
import pytest

from keras_mtkd.balancing.linalg.seeds import SeedOfStep, check_seed


def drawn(seed, step):
    return np.array(keras.random.uniform((4,), seed=SeedOfStep(seed, step)))


def test_random_numbers_follow_from_the_seed_and_the_step():
    np.testing.assert_array_equal(drawn(1, 2.0), drawn(1, 2.0))
    for other in (drawn(1, 3.0), drawn(2, 2.0), drawn(2, 1.0)):
        assert not np.array_equal(drawn(1, 2.0), other)


def test_asking_again_does_not_count():
    seed = SeedOfStep(5, 7)
    np.testing.assert_array_equal(seed.next(), [5, 7])
    np.testing.assert_array_equal(seed.next(), [5, 7])


@pytest.mark.parametrize("seed", [None, 0, 2**32 - 1])
def test_seeds_that_are_seeds(seed):
    assert check_seed(seed) == seed


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_others_are_refused(seed):
    with pytest.raises(ValueError, match=rf"`seed` must be None or from 0 .*seed={seed}"):
        check_seed(seed)
