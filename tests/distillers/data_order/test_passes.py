import numpy as np
import pytest

from keras_mtkd.distillers.data_order.passes import DataOrder, Passes, drawn_seed


def epochs(numbers, seed=3, rows=10, **arguments):
    """The rows of every step of some epochs."""
    order = DataOrder(seed)
    passes = Passes(order, rows, **arguments)
    for order.epoch in numbers:
        yield [passes.of_step(step).tolist() for step in range(passes.steps)]


def joined(steps):
    return np.concatenate(steps).tolist()


def test_order_depends_on_seed_and_epoch_alone():
    expected = [np.random.default_rng([3, epoch]).permutation(10).tolist() for epoch in range(4)]
    assert [joined(steps) for steps in epochs(range(4), batch_size=4)] == expected
    assert [joined(steps) for steps in epochs([2, 0, 2], batch_size=3)] == [
        expected[2],
        expected[0],
        expected[2],
    ]
    assert len({tuple(order) for order in expected}) == 4
    assert joined(next(epochs([0], seed=4, batch_size=4))) not in expected


def test_the_seed_may_change_while_it_runs():
    order = DataOrder(1)
    passes = Passes(order, 10)
    first = passes.of_epoch()[0].tolist()
    order.seed = 2
    assert passes.of_epoch()[0].tolist() != first


def test_the_last_batch_has_what_is_left():
    (steps,) = epochs([5], batch_size=4)
    assert [len(step) for step in steps] == [4, 4, 2]
    assert sorted(joined(steps)) == list(range(10))


def test_shorter_epochs_go_on_where_the_last_one_ended():
    """Three batches a pass, two steps an epoch: three epochs are two passes."""
    first, second, third = epochs(range(3), batch_size=4, steps=2)
    passes = [*first, *second, *third]
    whole = [step for steps in epochs([0, 1], batch_size=4) for step in steps]
    assert passes == whole
    # One that goes on begins in the middle of a pass.
    assert list(epochs([1, 2], batch_size=4, steps=2)) == [second, third]


def test_in_order():
    assert list(epochs([0, 1], batch_size=4, steps=2, shuffle=False)) == [
        [[0, 1, 2, 3], [4, 5, 6, 7]],
        [[8, 9], [0, 1, 2, 3]],
    ]


def test_within_batches():
    first, second = epochs([0, 1], batch_size=4, shuffle="batch")
    for steps in (first, second):
        assert [sorted(step) for step in steps] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert first != second


@pytest.mark.parametrize("steps", [None, 1, 2])
@pytest.mark.parametrize("rows", [8, 10])
def test_parts_hold_the_short_batch_apart(rows, steps):
    order = DataOrder(0)
    passes = Passes(order, rows, 4, steps)
    for order.epoch in range(4):
        found, begin, end = passes.of_epoch_in_parts()
        parts = [*in_fours(found[:begin]), found[begin:end].tolist(), *in_fours(found[end:])]
        expected = [passes.of_step(step).tolist() for step in range(passes.steps)]
        assert [part for part in parts if part] == expected


def in_fours(rows):
    return rows.reshape(-1, 4).tolist()


def test_seeds_are_drawn_by_the_global_random_numbers():
    np.random.seed(7)
    first, second = drawn_seed(), drawn_seed()
    np.random.seed(7)
    assert drawn_seed() == first != second
