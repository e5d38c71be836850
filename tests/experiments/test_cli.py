import errno
import functools

import pytest
import rich.console
import typer
from problems import tiny_problem
from typer.testing import CliRunner

import keras_mtkd
from keras_mtkd.datasets import loading
from keras_mtkd.experiments import cli

RUNNER = CliRunner()
TINY = loading.Entry(lambda path: tiny_problem(samples=16, batch=16), "Tiny.")


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    monkeypatch.setitem(loading.PROBLEMS, "digits", TINY)
    monkeypatch.setattr(cli.datasets, "digits", lambda: tiny_problem(samples=16, batch=16))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """One directory for all: what one command trained another one loads."""
    return tmp_path_factory.mktemp("runs")


def test_demo_ends_with_a_table_and_says_where_everything_is(kept):
    result = RUNNER.invoke(
        cli.app, ["demo", "--epochs", "1", "--seeds", "1", "--directory", str(kept)]
    )
    assert result.exit_code == 0, result.output
    assert "MTLKD" in result.output
    assert "Δ_MTL" in result.output
    for name in ("student.keras", "table.csv", "scores.csv", "comparison.png", "report.html"):
        assert (kept / name).exists()
        assert f"{kept / name}\n" in result.output


def test_compare(kept):
    arguments = ["compare", "--methods", "single, mtlkd", "--seeds", "2", "--epochs", "1"]
    result = RUNNER.invoke(cli.app, [*arguments, "--directory", str(kept)])
    assert result.exit_code == 0, result.output
    assert "2 seeds" in result.output
    assert "Uniform" not in result.output


def test_compare_takes_the_problems_recipe_and_what_is_given(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(cli.experiments, "compare", lambda *args, **kwargs: seen.append(kwargs))
    monkeypatch.setattr(cli, "_show", lambda *args: None)
    monkeypatch.setitem(loading.PROBLEMS, "nyuv2", TINY)
    arguments = ["compare", "--problem", "nyuv2", "--path", str(tmp_path), "--epochs", "3"]
    assert RUNNER.invoke(cli.app, arguments).exit_code == 0
    settings = seen[0]["settings"]
    assert settings.epochs == 3
    assert settings.adaptor_learning_rate == 0.1
    assert settings.weight["normal"] == 2.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--problem", "nothing"], f"no problem 'nothing'. Known: {loading.listed()[0]}, "),
        (["--problem", "room"], "There is no problem 'room'. Did you mean 'rooms'?"),
        (["--methods", "magic"], "There is no method 'magic'"),
        (["--methods", "single,mtkld"], "There is no method 'mtkld'. Did you mean 'mtlkd'?"),
        (["--methods", "balancng"], "There is no method 'balancng'. Did you mean 'balancing'?"),
        (["--learning-rate", "-1"], "`learning_rate` must be positive"),
        (["--split", "train"], "`split` must be"),
    ],
)
def test_bad_input_is_a_message_and_exit_code_1(tmp_path, arguments, message):
    result = RUNNER.invoke(cli.app, ["compare", *arguments, "--directory", str(tmp_path)])
    assert result.exit_code == 1
    assert message in result.output.replace("\n", " ")


def test_ctrl_c_says_how_to_go_on(tmp_path, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.experiments, "compare", interrupt)
    result = RUNNER.invoke(cli.app, ["demo", "--directory", str(tmp_path)])
    assert result.exit_code == 130
    assert "run the same command to go on" in result.output.replace("\n", " ")


@pytest.mark.parametrize(
    "arguments", [["nothing"], ["compare", "--epochs", "0"], ["demo", "--seeds", "many"]]
)
def test_wrong_usage_is_exit_code_2(arguments):
    assert RUNNER.invoke(cli.app, arguments).exit_code == 2


def test_a_former_option_tells_its_name(tmp_path):
    arguments = ["compare", "--part", "validation", "--directory", str(tmp_path)]
    result = RUNNER.invoke(cli.app, arguments)
    assert result.exit_code == 2
    assert "'--split' since 0.2: pass '--split validation'" in result.output
    assert "--part" not in RUNNER.invoke(cli.app, ["compare", "--help"]).output


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "runs/demo/[1].keras"),
        ImportError("This needs scipy, which is not installed."),
    ],
)
def test_a_full_disk_and_a_missing_package_are_messages(tmp_path, monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(cli.experiments, "compare", fail)
    result = RUNNER.invoke(cli.app, ["demo", "--directory", str(tmp_path)])
    assert result.exit_code == 1
    # Whole, and with its brackets: a path is no markup.
    assert f"Error: {error}" in result.output


def test_every_method_and_problem_is_listed_with_a_line():
    listed = RUNNER.invoke(cli.app, ["methods"]).output.splitlines()
    names = [*cli.experiments.known_methods(), *cli.experiments.METHOD_GROUPS]
    assert [line.split()[0] for line in listed] == names
    assert min(len(line.split()) for line in listed) >= 6
    listed = RUNNER.invoke(cli.app, ["problems"]).output.splitlines()
    assert [line.split()[0] for line in listed] == loading.listed()
    assert all("Recipe: " in line for line in listed)
    rooms = cli.experiments.recipe("rooms")
    assert any(line.startswith("rooms") and f"{rooms.epochs} epochs" in line for line in listed)


def test_version():
    result = RUNNER.invoke(cli.app, ["--version"])
    assert result.exit_code == 0
    assert result.output.startswith(f"keras-mtkd {keras_mtkd.__version__} (Keras ")


@pytest.mark.parametrize("command", [[], ["compare"], ["demo"]])
def test_help_explains_every_option(command):
    result = RUNNER.invoke(cli.app, [*command, "--help"])
    assert result.exit_code == 0
    assert "─" not in result.output
    if command:
        whole = typer.main.get_command(cli.app).commands[command[0]]
        assert all(option.help for option in whole.params)
    else:
        assert "..." not in result.output.partition("[ARGS]...")[2]
        for word in ("Examples:", "keras-mtkd compare --problem rooms", "Exit codes:", "methods"):
            assert word in result.output


@pytest.mark.parametrize(("terminal", "progress"), [(True, 1), (False, 2)])
def test_progress_suits_who_watches(monkeypatch, terminal, progress):
    console = functools.partial(rich.console.Console, force_terminal=terminal)
    monkeypatch.setattr(cli, "Console", console)
    assert cli._progress(True) == progress
    assert cli._progress(False) == 0
