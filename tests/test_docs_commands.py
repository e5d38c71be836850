"""Every command in README and docs runs, made small by the rules below."""

import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import documents
import pytest
from helpers import BACKEND
from problems import tiny_problem
from typer.testing import CliRunner

from keras_mtkd import datasets, experiments
from keras_mtkd.command_line.app import app
from keras_mtkd.datasets import loading
from keras_mtkd.distribution import __main__ as launcher

COMMANDS = sorted(
    {
        tuple(words)
        for page in [documents.README, *documents.PAGES]
        for words in documents.commands(page)
    }
)
# A group is dozens of methods. Two that need more than others, teachers' losses and a callback,
# stand for it; the slow tests take all.
FEW = {"balancing": ("otw", "sequential_reptile")}
WITH_GROUPS = [words for words in COMMANDS if FEW.keys() & set(",".join(words).split(","))]
# Comes last, so it overrules what the command says.
SMALL = ["--epochs", "1", "--seeds", "1", "--quiet", "--directory"]
PLACEHOLDERS = {"N": "1", "DATA": ".", "DATA/nyuv2": "."}
TINY = loading.Entry(lambda path: tiny_problem(samples=16, batch=16), "Tiny.")


def keras_mtkd_command(words, monkeypatch, kept):
    """One step, one seed, a problem of moments, in one directory: what is there is not redone."""
    for name in loading.PROBLEMS:
        monkeypatch.setitem(loading.PROBLEMS, name, TINY)
    monkeypatch.setattr(datasets, "digits", lambda **given: tiny_problem(samples=16, batch=16))
    write_files()
    monkeypatch.setattr(experiments, "recipe", lambda problem: experiments.Settings())
    if words[1] in ("demo", "compare"):
        # Results of other data or teachers are refused.
        apart = [word for word in ("validation", "--teachers", "--last-epoch") if word in words]
        words = [*words, *SMALL, str(kept / "_".join(["results", *apart]))]
    result = CliRunner().invoke(app, [PLACEHOLDERS.get(word, word) for word in words[1:]])
    assert result.exit_code == 0, result.output


def write_files():
    """The files that pages show: blocks that begin with their name."""
    for page in [documents.README, *documents.PAGES]:
        for block in documents.blocks(page, "python"):
            if found := re.match(r"# (\w+\.py)\n", block):
                Path(found[1]).write_text(block, "utf-8")


def make(words, monkeypatch, kept):
    done = subprocess.run(
        ["make", "-n", *words[1:]], cwd=documents.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" not in done.stdout


def pip_install(words, monkeypatch, kept):
    """This package with extras that it has; wheels are built and installed elsewhere."""
    settings = tomllib.loads((documents.ROOT / "pyproject.toml").read_text("utf-8"))
    extras = settings["project"]["optional-dependencies"]
    given = " ".join(words)
    found = re.fullmatch(
        r"pip install (?:-e \.\[([\w,]+)\]|keras-mtkd\[([\w,]+)\] @ git\+URL)", given
    )
    assert found, words
    assert set((found[1] or found[2]).split(",")) <= set(extras)


def python(words, monkeypatch, kept):
    if words[1] == "-c":
        monkeypatch.setattr("builtins.print", lambda *values: None)
        exec(words[2], {})
    elif words[1:3] == ["-m", "venv"]:
        subprocess.run([sys.executable, *words[1:], "--without-pip"], check=True)
    elif words[1:3] == ["-m", "keras_mtkd.distribution"]:
        launch(words, monkeypatch)
    elif words[1:] == ["search.py"]:
        # A chief or worker of a search; tests/tuning has a whole search in several processes.
        roles = pytest.importorskip("keras_tuner.src.distribute.utils")
        assert roles.has_chief_oracle()
        assert roles.is_chief_oracle() == (os.environ["KERASTUNER_TUNER_ID"] == "chief")
    else:
        benchmark(words, monkeypatch)


def launch(words, monkeypatch):
    """With a script that only says who it is."""
    with open("train.py", "w", encoding="utf-8") as script:
        script.write(
            "import json, os\n"
            "task = json.loads(os.environ['TF_CONFIG'])['task']['index']\n"
            "open(f'worker{task}', 'w').close()\n"
        )
    monkeypatch.setattr(sys, "argv", words[2:])
    with pytest.raises(SystemExit) as ended:
        launcher.main()
    assert ended.value.code == 0


def benchmark(words, monkeypatch):
    """That it exists and knows the options; what it measures takes minutes."""
    path = documents.ROOT / words[1]
    monkeypatch.syspath_prepend(str(path.parent))
    monkeypatch.setattr(sys, "argv", [words[1], "--help"])
    shown = []
    monkeypatch.setattr(sys.stdout, "write", shown.append)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")
    assert ended.value.code == 0
    for option in words[2:]:
        assert not option.startswith("-") or option in "".join(shown)


def tensorboard(words, monkeypatch, kept):
    """Its own parser knows the options; a server would not end."""
    board = pytest.importorskip("tensorboard.program").TensorBoard()
    board.configure(words)
    assert board.flags.logdir == "logs"


RULES = {
    "keras-mtkd": keras_mtkd_command,
    "make": make,
    "pip": pip_install,
    "python": python,
    "python3": python,
    "tensorboard": tensorboard,
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_run(words, tmp_path, monkeypatch, kept):
    for group, methods in FEW.items():
        assert set(methods) < set(experiments.METHOD_GROUPS[group])
        monkeypatch.setitem(experiments.METHOD_GROUPS, group, methods)
    run(words, tmp_path, monkeypatch, kept)


@pytest.mark.slow
@pytest.mark.skipif(BACKEND != "jax", reason="once is enough: what the command does besides `fit`")
@pytest.mark.parametrize("words", WITH_GROUPS, ids=" ".join)
def test_commands_run_with_whole_groups(words, tmp_path, monkeypatch, kept):
    run(words, tmp_path, monkeypatch, kept)


def run(words, tmp_path, monkeypatch, kept):
    monkeypatch.chdir(tmp_path)
    documents.train_teachers_once(monkeypatch, kept / "teachers")
    words = list(words)
    while re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        monkeypatch.setenv(*words.pop(0).split("=", 1))
    words[0] = words[0].removeprefix(".venv/bin/")
    assert words[0] in RULES, f"no rule for: {' '.join(words)}"
    RULES[words[0]](words, monkeypatch, kept)


def test_there_are_commands():
    assert ("make", "demo") in COMMANDS
    assert WITH_GROUPS
    assert len(COMMANDS) > 10
