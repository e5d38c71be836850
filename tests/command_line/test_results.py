"""Progress, and lines that can be copied."""

from keras_mtkd.command_line import results


def test_progress_is_shown_or_not():
    assert results.progress(True) == "auto"
    assert results.progress(False) == 0


def test_a_long_path_stays_in_one_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    path = "/".join(["folder"] * 20)
    results.say(f"Here: {path}")
    assert f"Here: {path}\n" in capsys.readouterr().out
