"""The command that starts workers."""

import sys

import pytest

from keras_mtkd.distribution import __main__ as module


@pytest.mark.parametrize(
    ("arguments", "command", "given"),
    [
        (["train.py"], ["train.py"], (2, None, 0, 3)),
        (
            ["--workers", "4", "--restarts", "0", "train.py", "--workers", "7", "-x"],
            ["train.py", "--workers", "7", "-x"],
            (4, None, 0, 0),
        ),
        (["--hosts", "a:1,b:2", "--index", "1", "t.py"], ["t.py"], (2, ["a:1", "b:2"], 1, 3)),
    ],
    ids=["defaults", "the script's own arguments", "hosts"],
)
def test_the_script_is_run_by_this_python_as_the_arguments_say(
    arguments, command, given, monkeypatch
):
    seen = []
    monkeypatch.setattr(sys, "argv", ["distribution", *arguments])
    monkeypatch.setattr(module, "launch", lambda *call: seen.append(call) or 5)
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert seen == [([sys.executable, *command], *given)]
    assert ended.value.code == 5


def test_without_a_script_it_says_how_it_is_used(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["distribution"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 2
    assert "script" in capsys.readouterr().err
