import subprocess
import sys

import pytest
from problems import tiny_problem
from typer.testing import CliRunner

from keras_mtkd import cli

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    monkeypatch.setitem(cli.PROBLEMS, "digits", lambda path: tiny_problem())
    monkeypatch.setattr(cli.datasets, "digits", tiny_problem)


def test_demo_ends_with_a_table_and_says_where_everything_is(tmp_path):
    result = RUNNER.invoke(
        cli.app, ["demo", "--epochs", "1", "--seeds", "1", "--directory", str(tmp_path)]
    )
    assert result.exit_code == 0, result.output
    assert "MTLKD" in result.output
    assert "Δ_MTL" in result.output
    flat = result.output.replace("\n", "")
    for name in ("student.keras", "table.csv", "scores.csv", "comparison.png"):
        assert (tmp_path / name).exists()
        assert name in flat


def test_compare(tmp_path):
    arguments = ["compare", "--methods", "single, mtlkd", "--seeds", "2", "--epochs", "1"]
    result = RUNNER.invoke(cli.app, [*arguments, "--directory", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "2 seeds" in result.output
    assert "Uniform" not in result.output


def test_compare_takes_the_problems_recipe_and_what_is_given(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(cli.experiments, "compare", lambda *args, **kwargs: seen.append(kwargs))
    monkeypatch.setattr(cli, "_show", lambda *args: None)
    monkeypatch.setitem(cli.PROBLEMS, "nyuv2", lambda path: tiny_problem())
    arguments = ["compare", "--problem", "nyuv2", "--path", str(tmp_path), "--epochs", "3"]
    assert RUNNER.invoke(cli.app, arguments).exit_code == 0
    settings = seen[0]["settings"]
    assert settings.epochs == 3
    assert settings.adaptor_learning_rate == 0.1
    assert settings.weight["normal"] == 2.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--problem", "nothing"], "There is no problem 'nothing'. Known: digits"),
        (["--methods", "magic"], "There is no method 'magic'"),
        (["--part", "train"], "`part` must be"),
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


def test_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "keras_mtkd", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "demo" in done.stdout
    assert "compare" in done.stdout


def test_a_missing_package_is_named(monkeypatch):
    from keras_mtkd import __main__ as main_module

    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit, match=r"needs typer.*keras-mtkd\[cli\]"):
        main_module.main()
