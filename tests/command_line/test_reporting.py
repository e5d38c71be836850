"""What goes wrong is a message and an exit code."""

import errno

import pytest

from command_line.running import run, said
from keras_mtkd import experiments

pytestmark = pytest.mark.usefixtures("tiny")


def failing(monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(experiments, "compare", fail)


def test_ctrl_c_says_how_to_go_on(tmp_path, monkeypatch):
    failing(monkeypatch, KeyboardInterrupt())
    result = run("demo", "--directory", tmp_path)
    assert result.exit_code == 130
    assert "run the same command to go on" in said(result)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "runs/demo/[1].keras"),
        ImportError("This needs scipy, which is not installed."),
    ],
)
def test_a_full_disk_and_a_missing_package_are_messages(tmp_path, monkeypatch, error):
    failing(monkeypatch, error)
    result = run("demo", "--directory", tmp_path)
    assert result.exit_code == 1
    # Whole, and with its brackets: a path is no markup.
    assert f"Error: {error}" in result.output


def test_what_nobody_thought_of_is_no_message(tmp_path, monkeypatch):
    failing(monkeypatch, KeyError("left"))
    assert isinstance(run("demo", "--directory", tmp_path).exception, KeyError)
