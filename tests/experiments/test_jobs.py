"""The order of a comparison's trainings, in one process and in several."""

from concurrent.futures import BrokenExecutor, Future

import pytest

from keras_mtkd.experiments import jobs


class Trainer:
    def __init__(self):
        self.asked = []

    def result(self, name, seed):
        self.asked.append((name, seed))
        return {"t": {"accuracy": seed}}, name


class Pool(Trainer):
    """Processes that are done at once, or die."""

    def __init__(self, dies_at=None):
        super().__init__()
        self.dies_at = dies_at
        self.left_with = "not left"

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.left_with = kind

    def result(self, name, seed):
        future = Future()
        if (name, seed) == self.dies_at:
            future.set_exception(BrokenExecutor("gone"))
        future.done() or future.set_result(super().result(name, seed))
        return future


def test_seeds_one_after_the_other():
    trainer = Trainer()
    results = jobs.one_after_the_other(trainer, ["scd"], [4, 5])
    assert trainer.asked == [("single", 4), ("scd", 4), ("single", 5), ("scd", 5)]
    assert results["scd", 5] == ({"t": {"accuracy": 5}}, "scd")


def test_teachers_first_and_methods_once_theirs_are_there():
    pool = Pool()
    results = jobs.side_by_side(pool, ["mtlkd", "scd"], [0, 1])
    assert results == jobs.one_after_the_other(Trainer(), ["mtlkd", "scd"], [0, 1])
    assert pool.left_with is None
    asked = pool.asked
    assert asked[:2] == [("single", 0), ("single", 1)]
    assert len(asked) == len(results) == 6


def test_a_process_that_dies_is_an_error_that_says_what_to_do():
    pool = Pool(dies_at=("scd", 0))
    with pytest.raises(ChildProcessError, match=r"memory ran out.*is kept.*fewer `workers`"):
        jobs.side_by_side(pool, ["scd"], [0])
    assert pool.left_with is ChildProcessError
