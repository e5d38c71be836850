"""What holds for every problem that comes with the package: found by its registered name."""

import inspect
from functools import cache

import numpy as np
import pytest

from keras_mtkd import datasets
from keras_mtkd.datasets.loading import PROBLEMS

# Their data is downloaded or the user's: tested by themselves, from files that the tests write.
ELSEWHERE = {
    "census",
    "cityscapes",
    "digit-and-clothing",
    "energy",
    "multi-fashion",
    "multi-fashion-and-mnist",
    "multi-mnist",
    "nyuv2",
    "spoken-digits",
    "tox21",
}
WITH_PACKAGE = sorted(PROBLEMS.keys() - ELSEWHERE)
# Unlike each other, so that none is taken for another.
SIZES = {"train": 6, "validation": 5, "test": 4}


@cache
def made(name, seed=0):
    """A few samples of a problem where its size can be told."""
    make = getattr(datasets, name.replace("-", "_"))
    sizes = {f"{part}_size": size for part, size in SIZES.items()}
    assert sizes.keys() <= inspect.signature(make).parameters.keys()
    return make(**sizes, seed=seed)


def first_batch(problem):
    x, *_ = problem.train[0]
    return np.asarray(x)


def test_problems_elsewhere_exist():
    assert PROBLEMS.keys() >= ELSEWHERE
    assert WITH_PACKAGE


@pytest.mark.parametrize("name", WITH_PACKAGE)
def test_data_tasks_and_backbone_belong_together(name):
    problem = made(name)
    problem.validate()
    assert problem.name == name
    assert len(problem.tasks) > 1
    # As lists tell without making it.
    assert PROBLEMS[name].tasks == tuple(problem.tasks)


@pytest.mark.parametrize("name", WITH_PACKAGE)
def test_a_seed_decides_data_and_order(name):
    one, other = made(name), made(name, seed=1)
    again = made.__wrapped__(name)
    assert again.fingerprint(parts=tuple(SIZES)) == one.fingerprint(parts=tuple(SIZES))
    np.testing.assert_array_equal(first_batch(again), first_batch(one))
    for part in SIZES:
        data = {problem.fingerprint(parts=(part,))["data"] for problem in (one, other)}
        assert len(data) == 2, part


@pytest.mark.parametrize("name", WITH_PACKAGE)
def test_parts_have_their_sizes_and_no_sample_in_common(name):
    data = {part: getattr(made(name), part).x for part in SIZES}
    assert {part: len(x) for part, x in data.items()} == SIZES
    samples = {sample.tobytes() for x in data.values() for sample in x}
    assert len(samples) == sum(SIZES.values())


@pytest.mark.parametrize("name", WITH_PACKAGE)
def test_training_data_is_shuffled_by_the_seed_and_the_rest_never(name):
    orders = []
    for problem in (made(name), made(name, seed=1)):
        data = problem.train
        rows = [data.x.tolist().index(row) for row in first_batch(problem).tolist()]
        assert rows != list(range(len(rows)))
        orders.append(rows)
        for part in (problem.validation, problem.test):
            part.on_epoch_end()
            np.testing.assert_array_equal(part[0][0], part.x[: len(part[0][0])])
    assert orders[0] != orders[1]
