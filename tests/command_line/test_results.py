"""Progress, and lines that can be copied."""

import functools

import pytest
import rich.console

from keras_mtkd.command_line import results


@pytest.mark.parametrize(("terminal", "progress"), [(True, 1), (False, 2)])
def test_progress_suits_who_watches(monkeypatch, terminal, progress):
    console = functools.partial(rich.console.Console, force_terminal=terminal)
    monkeypatch.setattr(results, "Console", console)
    assert results.progress(True) == progress
    assert results.progress(False) == 0


def test_a_long_path_stays_in_one_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    path = "/".join(["folder"] * 20)
    results.say(f"Here: {path}")
    assert f"Here: {path}\n" in capsys.readouterr().out
