"""Processes that train for one comparison, and end with it."""

import functools
import os
import signal

import keras
import pandas
import psutil
import pytest
from problems import tiny_problem

from keras_mtkd._backend import progress
from keras_mtkd.experiments import Settings, compare, workers

PROBLEM = functools.partial(tiny_problem, samples=16, batch=16)
ARGUMENTS = {"methods": ("single", "uniform", "mtlkd"), "settings": Settings(epochs=1)}


def test_cores_are_shared():
    if not hasattr(os, "sched_getaffinity"):
        assert workers._shares(2) == [None, None]
        return
    cores = os.sched_getaffinity(0)
    assert set().union(*workers._shares(2)) == cores
    many = workers._shares(len(cores) + 3)
    assert len(many) == len(cores) + 3
    assert all(many)


def test_the_environment_of_new_processes_is_taken_back(monkeypatch):
    cache = ("JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS")
    for name in cache:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
    before = dict(os.environ)
    with workers._environment():
        assert os.environ["KERAS_BACKEND"] == keras.backend.backend()
        on_jax = keras.backend.backend() == "jax"
        assert all((name in os.environ) is on_jax for name in cache)
    assert dict(os.environ) == before


def test_keras_settings_can_be_set_again():
    for name, value in workers.keras_settings().items():
        getattr(keras.config, f"set_{name}")(value)
        assert workers.keras_settings()[name] == value


def test_a_problem_that_processes_cannot_make_is_refused():
    with pytest.raises(TypeError, match=r"Pass the function that makes it"):
        compare(PROBLEM(), workers=2)
    with pytest.raises(TypeError, match=r"no lambda or inner function"):
        compare(lambda: PROBLEM(), workers=2)
    with pytest.raises(ValueError, match="`workers` must be at least 1. Received: workers=0"):
        compare(PROBLEM, workers=0)
    with pytest.raises(TypeError, match=r"must make a `Problem`. It made: dict"):
        compare(dict, workers=1)


def test_ctrl_c_is_left_to_the_parent_while_processes_begin():
    before = signal.getsignal(signal.SIGINT)
    with workers._deaf_to_ctrl_c():
        # What a new process takes over.
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is before


def fails():
    if workers.multiprocessing.parent_process() is not None:
        raise ValueError("no data here")
    return PROBLEM()


@pytest.mark.slow
def test_two_processes_find_what_one_finds(tmp_path):
    """Scores, runs, kept files and what is told; nothing of theirs is left."""
    heard = []
    with progress.told_to(heard.append):
        found = compare(PROBLEM, seeds=(0, 1), directory=tmp_path, workers=2, **ARGUMENTS)
    expected = compare(PROBLEM, seeds=(0, 1), verbose=0, **ARGUMENTS)
    pandas.testing.assert_frame_equal(found.table, expected.table, rtol=1e-5)
    assert set(found.runs) == set(expected.runs)
    assert (tmp_path / "seed1" / "mtlkd" / "student.keras").exists()
    ended = sorted(event.training for event in heard if event.kind == "ends")
    titles = ("MTLKD", "Uniform", "teachers")
    assert ended == [f"seed {seed}: {title}" for seed in (0, 1) for title in titles]
    assert sum(event.part for event in heard) == pytest.approx(6)
    # A second run takes what is there, in one process or several.
    again = compare(PROBLEM, seeds=(0, 1), directory=tmp_path, verbose=0, **ARGUMENTS)
    pandas.testing.assert_frame_equal(again.table, found.table)


@pytest.mark.slow
def test_what_a_process_raises_comes_here_and_the_others_end(tmp_path):
    with pytest.raises(ValueError, match="no data here"):
        compare(fails, seeds=(0, 1), directory=tmp_path, workers=2, verbose=0, **ARGUMENTS)
    children = psutil.Process().children(recursive=True)
    assert not [child for child in children if "spawn_main" in " ".join(child.cmdline())]
