"""Trainings by an executor that the user brings."""

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from typing import ClassVar

import keras
import pandas
import psutil
import pytest

from experiments.test_workers import PROBLEM
from keras_mtkd._backend import progress
from keras_mtkd.experiments import Settings, compare, on_executor
from keras_mtkd.experiments.on_executor import OnExecutor, train
from keras_mtkd.experiments.own_process import Work

WORK = Work(b"", keras.backend.backend(), {})


class Process:
    """What trains, without a process."""

    made: ClassVar = []

    def __init__(self, work):
        self.work, self.lives = work, True
        self.made.append(self)

    def result(self, method, seed, epochs=None):
        if method == "dies":
            self.end()
            raise ChildProcessError(method)
        return method, seed, self.made.index(self)

    def end(self):
        self.lives = False


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr(on_executor, "OwnProcess", Process)
    monkeypatch.setattr(on_executor, "_idle", on_executor.Idle())
    monkeypatch.setattr(Process, "made", [])
    yield Process.made
    on_executor._idle.end()


class Waits:
    """An executor that never comes to it."""

    def __init__(self):
        self.futures = []

    def submit(self, *_):
        self.futures.append(Future())
        return self.futures[-1]


def test_a_comparison_has_one_process_and_the_next_one_another(made):
    assert [train(WORK, "scd", seed) for seed in (0, 1)] == [("scd", 0, 0), ("scd", 1, 0)]
    assert train(replace(WORK, start=b"other"), "scd", 0) == ("scd", 0, 1)
    assert [process.lives for process in made] == [False, True]


def test_threads_have_one_each(made):
    first, second = on_executor._idle.take(WORK), on_executor._idle.take(WORK)
    assert first is not second
    on_executor._idle.give_back(first)
    on_executor._idle.give_back(second)
    assert on_executor._idle.take(WORK) in (first, second)
    assert len(made) == 2


def test_after_a_death_there_is_a_new_one_and_after_a_while_none(made, monkeypatch):
    with pytest.raises(ChildProcessError):
        train(WORK, "dies", 0)
    monkeypatch.setattr(on_executor, "_PATIENCE", 0.01)
    assert train(WORK, "scd", 0) == ("scd", 0, 1)
    on_executor._idle._patience.join(10)
    assert not made[1].lives


def test_forks_are_refused(monkeypatch):
    monkeypatch.setattr(on_executor, "_IMPORTED_BY", -1)
    with pytest.raises(RuntimeError, match="forks its processes, which neither TensorFlow nor JAX"):
        train(WORK, "scd", 0)


def test_what_waits_is_called_off_and_what_is_done_is_told():
    executor, heard = Waits(), []
    with progress.told_to(heard.append), OnExecutor(dict, executor) as pool:
        for seed in range(3):
            pool.result("scd", seed)
        executor.futures[0].set_result("done")
        executor.futures[1].set_exception(ValueError("bad"))
    assert [future.cancelled() for future in executor.futures] == [False, False, True]
    assert [(event.training, event.part) for event in heard] == [("seed 0: scd", 1.0)]


def test_it_needs_a_directory_and_no_workers(tmp_path):
    for arguments in ({}, {"directory": tmp_path, "workers": 2}):
        with pytest.raises(ValueError, match="takes the place of `workers`, and needs a `dir"):
            compare(PROBLEM, executor=Waits(), **arguments)


@pytest.mark.slow
def test_a_pool_finds_what_one_process_finds(tmp_path):
    arguments = {"methods": ("uniform", "mtlkd"), "seeds": (0,), "verbose": 0}
    arguments["settings"] = Settings(epochs=1)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn) as pool:
        found = compare(PROBLEM, directory=tmp_path, executor=pool, **arguments)
        assert pool.submit(os.getpid).result() != os.getpid()  # it is left running
    expected = compare(PROBLEM, **arguments)
    pandas.testing.assert_frame_equal(found.table, expected.table, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.extra("distributed")
def test_of_two_workers_of_a_cluster_one_may_be_killed(tmp_path):
    """What was finished stays as it was, and the table is that of one process."""
    import distributed

    arguments = {"methods": ("uniform", "mtlkd"), "seeds": (0, 1), "verbose": 0}
    arguments["settings"] = Settings(epochs=1)
    finished = {}

    def kill_one(event):
        if event.kind == "ends" and not finished:
            finished.update({path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")})
            psutil.Process(next(iter(workers))).kill()

    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        workers = client.run(os.getpid).values()
        with progress.told_to(kill_one):
            found = compare(
                PROBLEM, directory=tmp_path, executor=client.get_executor(), **arguments
            )
    assert finished
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    expected = compare(PROBLEM, **arguments)
    pandas.testing.assert_frame_equal(found.table, expected.table, rtol=1e-5)
