"""A training that is killed and started again ends as if it had not been killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = str(Path(__file__).with_name("training.py"))


def run(output, *options):
    command = [sys.executable, SCRIPT, str(output), *map(str, options)]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True)


def same(one, other):
    with np.load(one) as a, np.load(other) as b:
        assert sorted(a) == sorted(b)
        for name in a:
            np.testing.assert_array_equal(a[name], b[name], err_msg=name)


@pytest.mark.parametrize(
    ("step", "options"),
    [
        (13, ["--dropout", 0.3]),
        pytest.param(2, ["--dropout", 0.3], marks=pytest.mark.slow),
        pytest.param(47, ["--scd", "--epochs", 12], marks=pytest.mark.slow),
        pytest.param(9, ["--scd", "--epochs", 12, "--cache"], marks=pytest.mark.slow),
        pytest.param(7, ["--balancing", "cdtt"], marks=pytest.mark.slow),
        pytest.param(13, ["--balancing", "dwa"], marks=pytest.mark.slow),
    ],
)
def test_killed_at_a_step_and_started_again(step, options, tmp_path):
    if "--cache" in options:
        options = [*options, tmp_path / "cache"]
    whole = run(tmp_path / "whole", *options)
    assert whole.returncode == 0, whole.stderr[-3000:]
    options = [*options, "--backup", tmp_path / "backup", "--kill-at", step]
    killed = run(tmp_path / "resumed", *options)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]
    assert not list(tmp_path.glob("resumed.0.npz"))
    resumed = run(tmp_path / "resumed", *options)
    assert resumed.returncode == 0, resumed.stderr[-3000:]
    same(tmp_path / "whole.0.npz", tmp_path / "resumed.0.npz")
    assert not list((tmp_path / "backup").rglob("*.h5"))
