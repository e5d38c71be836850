"""The commands together: help, versions, wrong usage, and that none of it needs a backend."""

import json
import subprocess
import sys

import pytest
import typer

import keras_mtkd
from command_line.running import run
from keras_mtkd.command_line.app import app

# What takes seconds to import, or is large.
_HEAVY = (
    "keras",
    "tensorflow",
    "jax",
    "torch",
    "numpy",
    "pandas",
    "matplotlib",
    "sklearn",
    "scipy",
)
# In a process that believes to be the command, as its script would be; all in one, which is faster.
_IMPORTED = """
import json, sys
sys.argv = ["-m"]
sys.orig_argv = [sys.executable, "-m", "keras_mtkd"]
from keras_mtkd.__main__ import main
ended = []
for arguments in json.loads(sys.stdin.read()):
    sys.argv = ["keras-mtkd", *arguments]
    try:
        main()
    except SystemExit as end:
        ended.append(end.code)
heavy = [name for name in HEAVY if name in sys.modules]
print("\\n" + json.dumps([ended, heavy]))
"""


@pytest.mark.parametrize(
    "arguments", [["nothing"], ["compare", "--epochs", "0"], ["demo", "--seeds", "many"]]
)
def test_wrong_usage_is_exit_code_2(arguments):
    assert run(*arguments).exit_code == 2


def test_version():
    result = run("--version")
    assert result.exit_code == 0
    assert result.output.startswith(f"keras-mtkd {keras_mtkd.__version__} (Keras ")


@pytest.mark.parametrize("command", [[], ["compare"], ["demo"], ["methods"], ["problems"]])
def test_help_explains_every_option_in_80_columns(command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "─" not in result.output
    assert max(map(len, result.output.splitlines())) <= 80
    if command:
        whole = typer.main.get_command(app).commands[command[0]]
        assert all(option.help for option in whole.params)
    else:
        assert "..." not in result.output.partition("[ARGS]...")[2]
        for word in ("Examples:", "keras-mtkd compare --problem rooms", "Exit codes:", "methods"):
            assert word in result.output


def test_what_needs_no_training_imports_no_backend():
    expected = {
        ("--help",): 0,
        ("--version",): 0,
        ("methods",): 0,
        ("problems",): 0,
        ("demo", "--help"): 0,
        ("compare", "--help"): 0,
        ("nothing",): 2,
        ("compare", "--nothing"): 2,
        ("compare", "--seeds", "0"): 2,
        ("demo", "--epochs", "few"): 2,
        ("compare", "--methods", "single,mtkld"): 1,
        ("compare", "--problem", "digts"): 1,
        ("compare", "--problem", "no_module_of_this_name:problem"): 1,
        ("compare", "--problem", "no_file.py:problem"): 1,
        ("compare", "--learning-rate", "0"): 1,
        ("compare", "--split", "train"): 1,
    }
    done = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {_HEAVY!r}{_IMPORTED}"],
        input=json.dumps(list(expected)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [list(expected.values()), []]
