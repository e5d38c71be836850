"""Several workers: real processes that talk over loopback."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import BACKEND
from replicas import eagerly, on_replicas

from distribution.training import Stopped, stop, train
from keras_mtkd.callbacks import backup_and_restore
from keras_mtkd.distribution import is_chief, launch, multi_worker, worker_count, worker_index

SCRIPT = str(Path(__file__).with_name("training.py"))
needs_tensorflow = pytest.mark.skipif(
    BACKEND != "tensorflow", reason="tf.distribute, on the backend that has it"
)
TRAININGS = {
    "mtlkd": [],
    "arrays": ["--arrays"],
    "scd": ["--scd", "--epochs", "10"],
    "representation": ["--balancing", "cdtt"],
    "parameters": ["--balancing", "multibalance", "--level", "parameters"],
    "losses": ["--balancing", "famo"],
    "rotations": ["--balancing", "rotograd"],
}
TRAININGS = {name: [*options, "--evaluate"] for name, options in TRAININGS.items()}


def results(output, workers):
    found = []
    for index in range(workers):
        with np.load(f"{output}.{index}.npz") as values:
            found.append({name: values[name] for name in values})
    return found


def together(restarts=0, **trainings):
    """Two workers that run trainings one after the other, and the status that they end with."""
    command = [sys.executable, SCRIPT, "together", json.dumps(trainings)]
    return launch(command, workers=2, restarts=restarts)


@pytest.fixture(scope="module")
def of_two_workers(tmp_path_factory):
    """A folder with all trainings of two workers: importing costs more than training."""
    folder = tmp_path_factory.mktemp("workers")
    assert together(**{str(folder / name): given for name, given in TRAININGS.items()}) == 0
    return folder


@needs_tensorflow
@pytest.mark.slow
@pytest.mark.parametrize("name", TRAININGS)
def test_two_workers_give_what_one_process_gives(name, of_two_workers, tmp_path):
    train(tmp_path / "alone", TRAININGS[name])
    (expected,) = results(tmp_path / "alone", 1)
    for found in results(of_two_workers / name, 2):
        assert found["queue"] == expected["queue"]
        for name, value in expected.items():
            if name != "queue":
                np.testing.assert_allclose(found[name], value, atol=1e-5, err_msg=name)


@needs_tensorflow
@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [["--kill-at", "4", "--kill-worker", "1"], ["--cache", "cache", "--kill-at", "5"]],
    ids=["live", "cached"],
)
def test_a_worker_that_is_killed_and_started_again(options, of_two_workers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = [*TRAININGS["mtlkd"], *options, "--backup", "backup"]
    assert together(restarts=1, killed=options) == 0
    assert (tmp_path / "killed.killed").exists()
    for one, other in zip(
        results(of_two_workers / "mtlkd", 2), results(tmp_path / "killed", 2), strict=True
    ):
        for name, value in one.items():
            if name != "queue":
                np.testing.assert_allclose(other[name], value, atol=1e-6, err_msg=name)


@needs_tensorflow
@pytest.mark.traced
def test_what_workers_do_otherwise_on_replicas_of_one_process(tmp_path, monkeypatch):
    """Replicas that are taken for workers, and go on where one process was stopped."""
    options = TRAININGS["mtlkd"]
    broken = [*options, "--backup", tmp_path / "backup", "--kill-at", 3]
    with eagerly():
        train(tmp_path / "alone", options)
        with pytest.raises(Stopped):
            train(tmp_path / "both", broken, end=stop)
    for module in (multi_worker, backup_and_restore):
        monkeypatch.setattr(module, "has_workers", lambda model: True)
    on_replicas(2, lambda: train(tmp_path / "both", broken))
    (expected,), (found,) = (results(tmp_path / name, 1) for name in ("alone", "both"))
    for name, value in expected.items():
        if name != "queue":
            np.testing.assert_allclose(found[name], value, atol=1e-5, err_msg=name)


def test_who_am_i(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert (worker_count(), worker_index(), is_chief()) == (1, 0, True)
    config = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setitem(os.environ, "TF_CONFIG", json.dumps(config))
    assert (worker_count(), worker_index(), is_chief()) == (2, 1, False)
    monkeypatch.setitem(os.environ, "TF_CONFIG", "{")
    with pytest.raises(ValueError, match="no JSON"):
        worker_count()
