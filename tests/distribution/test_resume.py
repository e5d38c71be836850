"""A training that is killed and started again ends as if it had not been killed."""

import functools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from distribution.training import Stopped, stop, train

SCRIPT = str(Path(__file__).with_name("training.py"))


def in_a_process(output, options):
    command = [sys.executable, SCRIPT, "alone", json.dumps({str(output): list(map(str, options))})]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True)


def same(one, other):
    with np.load(one) as a, np.load(other) as b:
        assert sorted(a) == sorted(b)
        for name in a:
            np.testing.assert_array_equal(a[name], b[name], err_msg=name)


DROPOUT = ["--dropout", 0.3]
SCD = ["--scd", "--epochs", 10]
slow = pytest.mark.slow


def with_backup(step, options, folder):
    options = [*options, folder / "cache"] if options[-1] == "--cache" else options
    return options, [*options, "--backup", folder / "backup", "--kill-at", step]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What a run of these options ends with that was never stopped, each made once."""

    @functools.cache
    def made(*options):
        folder = tmp_path_factory.mktemp("whole")
        train(folder / "whole", list(options))
        return folder / "whole.0.npz"

    return made


# Epochs have two steps; nothing is saved before the second one ends.
@pytest.mark.parametrize(
    ("step", "options"),
    [
        (5, DROPOUT),
        (1, DROPOUT),
        (3, [*DROPOUT, "--arrays"]),
        (3, [*SCD, "--until", 3, "--cache"]),
        pytest.param(17, SCD, marks=slow),
        pytest.param(3, ["--balancing", "cdtt"], marks=slow),
        pytest.param(5, ["--balancing", "dwa", "--cache"], marks=slow),
    ],
)
def test_stopped_at_a_step_and_started_again(step, options, whole, tmp_path):
    options, killed = with_backup(step, options, tmp_path)
    with pytest.raises(Stopped):
        train(tmp_path / "resumed", killed, end=stop)
    assert not list(tmp_path.glob("resumed.0.npz"))
    train(tmp_path / "resumed", killed, end=stop)
    same(whole(*options), tmp_path / "resumed.0.npz")
    assert not list((tmp_path / "backup").rglob("*.h5"))


@slow
@pytest.mark.parametrize(("step", "options"), [(5, DROPOUT), (3, [*SCD, "--cache"])])
def test_killed_at_a_step_and_started_again(step, options, tmp_path):
    options, killed = with_backup(step, options, tmp_path)
    whole = in_a_process(tmp_path / "whole", options)
    assert whole.returncode == 0, whole.stderr[-3000:]
    process = in_a_process(tmp_path / "resumed", killed)
    assert process.returncode == -signal.SIGKILL, process.stderr[-3000:]
    assert not list(tmp_path.glob("resumed.0.npz"))
    resumed = in_a_process(tmp_path / "resumed", killed)
    assert resumed.returncode == 0, resumed.stderr[-3000:]
    same(tmp_path / "whole.0.npz", tmp_path / "resumed.0.npz")
    assert not list((tmp_path / "backup").rglob("*.h5"))
