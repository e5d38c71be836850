"""The order of a comparison's trainings, in one process and in several."""

from concurrent.futures import BrokenExecutor, Future

import pytest

from keras_mtkd.experiments import jobs


class Trainer:
    def __init__(self):
        self.asked = []

    def result(self, name, seed, epochs=None):
        self.asked.append((name, seed) if epochs is None else (name, seed, epochs))
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

    def result(self, name, seed, epochs=None):
        future = Future()
        if (name, seed) == self.dies_at:
            future.set_exception(BrokenExecutor("gone"))
        future.done() or future.set_result(super().result(name, seed, epochs))
        return future


def test_in_this_process_at_once():
    trainer = Trainer()
    results, choices = jobs.train_all(jobs.Here(trainer), ["scd"], [4])
    assert trainer.asked == [("single", 4), ("scd", 4)]
    assert results["scd", 4] == ({"t": {"accuracy": 4}}, "scd")
    assert choices == {}


def test_teachers_first_and_methods_once_theirs_are_there():
    pool = Pool()
    results, _ = jobs.train_all(pool, ["mtlkd", "scd"], [0, 1])
    assert results == jobs.train_all(jobs.Here(Trainer()), ["mtlkd", "scd"], [0, 1])[0]
    assert pool.left_with is None
    asked = pool.asked
    assert asked[:2] == [("single", 0), ("single", 1)]
    assert len(asked) == len(results) == 6


def test_a_process_that_dies_is_an_error_that_says_what_to_do():
    pool = Pool(dies_at=("scd", 0))
    with pytest.raises(ChildProcessError, match=r"memory ran out.*is kept.*fewer `workers`"):
        jobs.train_all(pool, ["scd"], [0])
    assert pool.left_with is ChildProcessError


def test_choices_ask_round_by_round_and_share_whole_trainings():
    def asks(seed):
        trials = yield [jobs.Job("mtlkd", seed, 2), jobs.Job("scd", seed, 2)]
        assert [result[1] for result in trials.values()] == ["mtlkd", "scd"]
        whole = yield [jobs.Job("uniform", seed), jobs.Job("scd", seed)]
        return [job.method for job in whole]

    pool = Pool()
    results, choices = jobs.train_all(pool, ["uniform"], [0, 1], {"auto": asks})
    assert choices == {("auto", 0): ["uniform", "scd"], ("auto", 1): ["uniform", "scd"]}
    # Trials are no results, and plain training was asked for twice.
    assert {name for name, _ in results} == {"single", "uniform", "scd"}
    assert len(pool.asked) == len(set(pool.asked)) == 2 * 5
