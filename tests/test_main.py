"""The command: it runs, or says what to install for it."""

import os
import subprocess
import sys

import pytest

from keras_mtkd.__main__ import main


def test_runs_as_a_module_in_a_pipe_without_colours():
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "50"}
    done = subprocess.run(
        [sys.executable, "-m", "keras_mtkd", "compare", "--methods", "mtkld", "--seeds", "1"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Error: There is no method 'mtkld'. Did you mean 'mtlkd'? Known: " in done.stderr
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit, match=r"needs typer.* extra 'cli' .*pip install 'typer>="):
        main()


def test_it_hands_on_to_the_command_line(monkeypatch):
    from keras_mtkd.command_line import app

    called = []
    monkeypatch.setattr(app, "app", lambda: called.append("app"))
    main()
    assert called == ["app"]
