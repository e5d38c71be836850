"""Several workers: real processes that talk over loopback."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import BACKEND

from keras_mtkd.distribution import is_chief, launch, worker_count, worker_index

SCRIPT = str(Path(__file__).with_name("training.py"))
needs_tensorflow = pytest.mark.skipif(
    BACKEND != "tensorflow", reason="tf.distribute, on the backend that has it"
)


def results(output, workers):
    found = []
    for index in range(workers):
        with np.load(f"{output}.{index}.npz") as values:
            found.append({name: values[name] for name in values})
    return found


@needs_tensorflow
@pytest.mark.parametrize(
    "options",
    [
        [],
        pytest.param(["--scd", "--epochs", "12"], marks=pytest.mark.slow),
        pytest.param(["--balancing", "cdtt"], marks=pytest.mark.slow),
        pytest.param(
            ["--balancing", "multibalance", "--level", "parameters"], marks=pytest.mark.slow
        ),
        pytest.param(["--balancing", "famo"], marks=pytest.mark.slow),
        pytest.param(["--balancing", "rotograd"], marks=pytest.mark.slow),
    ],
    ids=["mtlkd", "scd", "representation", "parameters", "losses", "rotations"],
)
def test_two_workers_give_what_one_process_gives(options, tmp_path):
    # To look at shapes Keras reads a batch ahead under a strategy, and so shuffles once more.
    options = [*options, "--in-order"]
    alone = [sys.executable, SCRIPT, str(tmp_path / "alone"), *options]
    assert launch(alone, workers=1, restarts=0) == 0
    both = [sys.executable, SCRIPT, str(tmp_path / "both"), "--strategy", *options]
    assert launch(both, workers=2, restarts=0) == 0
    (expected,) = results(tmp_path / "alone", 1)
    for found in results(tmp_path / "both", 2):
        assert found["queue"] == expected["queue"]
        for name, value in expected.items():
            if name != "queue":
                np.testing.assert_allclose(found[name], value, atol=1e-5, err_msg=name)


@needs_tensorflow
@pytest.mark.parametrize(
    "options",
    [
        ["--kill-at", "8", "--kill-worker", "1"],
        pytest.param(["--cache", "--kill-at", "13"], marks=pytest.mark.slow),
    ],
    ids=["live", "cached"],
)
def test_a_worker_that_is_killed_and_started_again(options, tmp_path):
    options = [
        o
        for option in options
        for o in ([option, str(tmp_path / "cache")] if option == "--cache" else [option])
    ]
    whole = [sys.executable, SCRIPT, str(tmp_path / "whole"), "--strategy"]
    assert launch(whole, workers=2, restarts=0) == 0
    killed = [sys.executable, SCRIPT, str(tmp_path / "killed"), "--strategy", *options]
    killed += ["--backup", str(tmp_path / "backup")]
    assert launch(killed, workers=2, restarts=1) == 0
    assert (tmp_path / "killed.killed").exists()
    for one, other in zip(
        results(tmp_path / "whole", 2), results(tmp_path / "killed", 2), strict=True
    ):
        for name, value in one.items():
            if name != "queue":
                np.testing.assert_allclose(other[name], value, atol=1e-6, err_msg=name)


class TestLauncher:
    script = (
        "import json, os, pathlib, sys; from keras_mtkd.distribution import worker_index;"
        "note = pathlib.Path(sys.argv[1] + str(worker_index()));"
        "first = not note.exists(); note.write_text(os.environ['TF_CONFIG']);"
        "sys.exit(3 if first and worker_index() == 1 else 0)"
    )

    def command(self, tmp_path):
        return [sys.executable, "-c", self.script, str(tmp_path / "note")]

    def test_starts_again_and_tells_every_worker_who_it_is(self, tmp_path):
        assert launch(self.command(tmp_path), workers=2, restarts=1) == 0
        notes = [json.loads((tmp_path / f"note{index}").read_text()) for index in range(2)]
        assert [note["task"]["index"] for note in notes] == [0, 1]
        assert len(set(notes[0]["cluster"]["worker"])) == 2

    def test_gives_up(self, tmp_path):
        assert launch(self.command(tmp_path), workers=2, restarts=0) == 3

    def test_one_of_several_machines(self, tmp_path):
        hosts = ["one:2222", "two:2222"]
        assert launch(self.command(tmp_path), hosts=hosts, index=0) == 0
        note = json.loads((tmp_path / "note0").read_text())
        assert note["cluster"]["worker"] == hosts
        assert not (tmp_path / "note1").exists()

    def test_refusals(self):
        with pytest.raises(ValueError, match="`workers` must be positive"):
            launch(["true"], workers=0)
        with pytest.raises(ValueError, match="`index` must be 0 to 0"):
            launch(["true"], hosts=["a:1"], index=1)


def test_who_am_i(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert (worker_count(), worker_index(), is_chief()) == (1, 0, True)
    config = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setitem(os.environ, "TF_CONFIG", json.dumps(config))
    assert (worker_count(), worker_index(), is_chief()) == (2, 1, False)
    monkeypatch.setitem(os.environ, "TF_CONFIG", "{")
    with pytest.raises(ValueError, match="no JSON"):
        worker_count()
