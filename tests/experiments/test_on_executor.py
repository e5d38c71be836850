"""Trainings by an executor that the user brings."""

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import keras
import pandas
import psutil
import pytest

from experiments.test_workers import PROBLEM
from keras_mtkd._backend import progress
from keras_mtkd.experiments import Settings, compare, on_executor
from keras_mtkd.experiments.on_executor import Asker, OnExecutor, train

ELSEWHERE = Asker(("another machine", 1), keras.backend.backend())


class Trainer:
    made = 0

    def __init__(self):
        type(self).made += 1

    def result(self, method, seed):
        return f"{method} {seed} by {self.made}", os.getpid()


class Waits:
    """An executor that never comes to it."""

    def __init__(self):
        self.futures = []

    def submit(self, *_):
        self.futures.append(Future())
        return self.futures[-1]


def test_a_process_prepares_a_comparison_once(monkeypatch):
    monkeypatch.setattr(on_executor, "_known", {})
    start, other = partial(Trainer), partial(Trainer, *())
    first = Trainer.made + 1
    assert train(ELSEWHERE, start, "scd", 0)[0] == f"scd 0 by {first}"
    assert train(ELSEWHERE, other, "scd", 1)[0] == f"scd 1 by {first}"
    assert len(on_executor._known) == 1


def test_threads_forks_and_other_backends_are_refused(monkeypatch):
    with ThreadPoolExecutor(1) as threads, OnExecutor(Trainer, threads) as pool:
        future = pool.result("scd", 0)
    with pytest.raises(RuntimeError, match="runs threads of the process that compares"):
        future.result()
    with pytest.raises(RuntimeError, match="Set `KERAS_BACKEND=other` where its processes begin"):
        train(replace(ELSEWHERE, backend="other"), Trainer, "scd", 0)
    monkeypatch.setattr(on_executor, "_IMPORTED_BY", -1)
    with pytest.raises(RuntimeError, match="forks its processes, which neither TensorFlow nor JAX"):
        train(ELSEWHERE, Trainer, "scd", 0)


def test_what_waits_is_called_off_and_what_is_done_is_told():
    executor, heard = Waits(), []
    with progress.told_to(heard.append), OnExecutor(Trainer, executor) as pool:
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
            finished.update({path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")})
            psutil.Process(next(iter(workers))).kill()

    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
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
