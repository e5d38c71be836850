"""`keras-mtkd compare`."""

import keras
import pytest

from command_line.conftest import TINY
from command_line.running import run, said
from keras_mtkd import experiments
from keras_mtkd.command_line import results
from keras_mtkd.datasets import loading

pytestmark = pytest.mark.usefixtures("tiny")

OWN = """
from problems import tiny_problem

def mine():
    return tiny_problem(samples=16, batch=16)
"""


MODELS = (
    OWN
    + """
import keras

def teachers(problem, seed):
    return {"a": problem.single("a")}

def student(problem):
    inputs = keras.Input((6,))
    shared = keras.layers.Dense(5, name="of_a_user")(inputs)
    return keras.Model(inputs, {task: head(shared) for task, head in problem.heads().items()})
"""
)


@pytest.fixture
def seen(monkeypatch):
    """What would be compared."""
    calls = []
    monkeypatch.setattr(
        experiments, "compare", lambda *given, **options: calls.append((*given, options))
    )
    monkeypatch.setattr(results, "show_results", lambda *given: None)
    return calls


def test_compare(kept):
    given = ["--methods", "single, mtlkd", "--seeds", "2", "--epochs", "1", "--directory", kept]
    result = run("compare", *given)
    assert result.exit_code == 0, result.output
    assert "2 seeds" in result.output
    assert "Uniform" not in result.output


def test_it_takes_the_problems_recipe_and_what_is_given(tmp_path, monkeypatch, seen):
    monkeypatch.setitem(loading.PROBLEMS, "nyuv2", TINY)
    result = run("compare", "--problem", "nyuv2", "--path", tmp_path, "--epochs", "3")
    assert result.exit_code == 0, result.output
    settings = seen[0][-1]["settings"]
    assert settings.epochs == 3
    assert settings.adaptor_learning_rate == 0.1
    assert settings.weight["normal"] == 2.0


def test_a_problem_of_ones_own_has_the_general_settings(tmp_path, monkeypatch, seen):
    (tmp_path / "its_file.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    result = run("compare", "--problem", "its_file.py:mine", "--weight", "3")
    assert result.exit_code == 0, result.output
    problem, options = seen[0]
    assert list(problem.tasks) == list(TINY.load(None).tasks)
    assert options["settings"] == experiments.Settings(weight=3.0)


def test_a_problem_of_ones_own_may_bring_methods(tmp_path, monkeypatch):
    (tmp_path / "own_methods.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    given = ["--problem", f"{tmp_path}/own_methods.py:mine", "--methods", "mtkld"]
    result = run("compare", *given, "--directory", tmp_path / "runs")
    assert result.exit_code == 1
    # By the list that the module may have added to.
    assert "There is no method 'mtkld'. Did you mean 'mtlkd'?" in said(result)


def test_teachers_and_a_student_of_ones_own(tmp_path):
    (tmp_path / "models_file.py").write_text(MODELS)
    file = f"{tmp_path}/models_file.py"
    runs = tmp_path / "runs"
    given = ["--problem", f"{file}:mine", "--teachers", f"{file}:teachers"]
    given += ["--student", f"{file}:student", "--methods", "single,uniform"]
    result = run("compare", *given, "--seeds", "1", "--epochs", "1", "--directory", runs, "--quiet")
    assert result.exit_code == 0, result.output
    assert "Teachers: a given; b trained here." in said(result)
    student = keras.saving.load_model(runs / "seed0" / "uniform" / "student.keras")
    assert student.get_layer("of_a_user").units == 5


def test_methods_of_ones_own_stand_among_names(tmp_path, monkeypatch, seen):
    (tmp_path / "its_methods.py").write_text(
        "from keras_mtkd.experiments import METHODS, Method\n"
        "mine = Method('Mine', METHODS['logits'].distillation)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    result = run("compare", "--methods", "single, its_methods.py:mine")
    assert result.exit_code == 0, result.output
    names = seen[0][-1]["methods"]
    assert (names[0], names[1].title) == ("single", "Mine")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--methods", "single,no_file.py:mine"], "There is no file 'no_file.py'."),
        (["--teachers", "own.py"], "Your own teachers: a module or a file, a colon and a function"),
        (["--teachers", "no_file.py:mine"], "There is no file 'no_file.py'."),
        (["--student", "no_module:mine"], "There is no module 'no_module' in '"),
        (["--problem", "nothing"], f"no problem 'nothing'. Known: {loading.listed()[0]}, "),
        (["--problem", "room"], "There is no problem 'room'. Did you mean 'rooms'?"),
        (["--problem", "nyuv2"], "'nyuv2' needs the folder of its data: `train` and `val` with"),
        (["--problem", "cityscapes", "--path", "."], "There is no folder 'train/image'."),
        (["--problem", "rooms", "--path", "."], "The problem 'rooms' reads no files."),
        (["--problem", "digit-and-clothing", "--path", "."], "'mnist.npz' does not exist."),
        (["--problem", "tests:nothing", "--path", "."], "`--path` is for the package's own"),
        (["--methods", "magic"], "There is no method 'magic'"),
        (["--methods", "single,mtkld"], "There is no method 'mtkld'. Did you mean 'mtlkd'?"),
        (["--methods", "balancng"], "There is no method 'balancng'. Did you mean 'balancing'?"),
        (["--learning-rate", "-1"], "`learning_rate` must be positive"),
        (["--learning-rate", "nan"], "`learning_rate` must be positive"),
        (["--split", "train"], "`split` must be"),
    ],
)
def test_bad_input_is_a_message_and_exit_code_1(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = run("compare", *arguments, "--directory", tmp_path / "runs")
    assert result.exit_code == 1
    assert message in said(result)
    assert "Traceback" not in result.output


def test_a_former_option_tells_its_name(tmp_path):
    result = run("compare", "--part", "validation", "--directory", tmp_path)
    assert result.exit_code == 2
    assert "'--split' since 0.2: pass '--split validation'" in result.output
    assert "--part" not in run("compare", "--help").output
