"""A search by a chief and two workers: processes of their own that talk over loopback."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import BACKEND

pytest.importorskip("keras_tuner")

SCRIPT = str(Path(__file__).with_name("process.py"))
PATIENCE = 400
# How chief and workers share trials does not depend on the backend: one kind of search on each.
KIND = "RandomSearch" if BACKEND == "tensorflow" else "Hyperband"


def free_port():
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return each.getsockname()[1]


def search(directory, kind):
    """Run chief and workers to their end; none is left behind."""
    port = str(free_port())
    processes = []
    try:
        for name in ("chief", "tuner0", "tuner1"):
            environment = {
                **os.environ,
                "KERASTUNER_TUNER_ID": name,
                "KERASTUNER_ORACLE_IP": "127.0.0.1",
                "KERASTUNER_ORACLE_PORT": port,
            }
            command = [sys.executable, SCRIPT, str(directory), kind]
            processes.append(subprocess.Popen(command, env=environment))
        return [process.wait(timeout=PATIENCE) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [KIND])
def test_chief_and_workers(kind, tmp_path):
    assert search(tmp_path, kind) == [0, 0, 0]
    ran = {
        name: json.loads((tmp_path / f"{name}.json").read_text()) for name in ("tuner0", "tuner1")
    }
    assert json.loads((tmp_path / "chief.json").read_text()) == []
    assert all(ran.values()), "One worker had nothing to do."
    trials = [
        json.loads(path.read_text()) for path in (tmp_path / "search").glob("trial_*/trial.json")
    ]
    assert sorted(ran["tuner0"] + ran["tuner1"]) == sorted(t["trial_id"] for t in trials)
    assert [trial["status"] for trial in trials] == ["COMPLETED"] * 6
    assert all("val_delta_mtl" in trial["metrics"]["metrics"] for trial in trials)
    values = [trial["hyperparameters"]["values"] for trial in trials]
    continued = [value for value in values if "tuner/trial_id" in value]
    assert len(continued) == (1 if kind == "Hyperband" else 0)
