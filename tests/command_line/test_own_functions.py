"""Functions by `module:function` or `file.py:function`."""

import sys

import pytest

from keras_mtkd.command_line.own_functions import call, check, found, is_own
from keras_mtkd.command_line.own_problem import load

SOURCE = """
from beside_it import WIDTH
from problems import tiny_problem

def mine():
    assert WIDTH == 3
    return tiny_problem(samples=16, batch=16)

def sized(samples, batch=16):
    return tiny_problem(samples, batch)

def number():
    return 3

def failing():
    return number() / 0

problem = 3
"""

TAKES = """
def nothing():
    return ()

def first(problem, path="kept"):
    return problem, path

def both(anything, seed):
    return anything, seed

def seeded(*, seed):
    return seed

def others(problem, more):
    pass
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "a_package").mkdir()
    (tmp_path / "a_package" / "own_toy.py").write_text(SOURCE)
    (tmp_path / "own_toy.py").write_text(SOURCE)
    (tmp_path / "beside_it.py").write_text("WIDTH = 3")
    (tmp_path / "a_package" / "beside_it.py").write_text("WIDTH = 3")
    (tmp_path / "broken.py").write_text("import keras\nfrom no_such_thing import this\n")
    (tmp_path / "wrong.py").write_text("def mine(:\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.mark.parametrize("place", ["own_toy", "own_toy.py", "./own_toy.py", "a_package/own_toy.py"])
def test_from_the_current_folder(folder, place):
    assert load(f"{place}:mine").train.num_batches == 1


def test_from_a_file_anywhere(folder, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    problem = load(f"{folder / 'own_toy.py'}:mine")
    # So that objects of its classes can be found again, in other processes too.
    assert sys.modules["own_toy"].mine().name == problem.name


def test_a_file_does_not_take_the_place_of_a_module(folder):
    (folder / "json.py").write_text(SOURCE)
    load(f"{folder / 'json.py'}:mine")
    assert hasattr(sys.modules["json"], "dumps")


def test_a_module_in_a_package(folder):
    (folder / "a_package" / "__init__.py").write_text("")
    assert load("a_package.own_toy:mine").train.num_batches == 1


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("own_toy.py", ValueError, "a colon and a function, as `my_module:my_problem`"),
        ("own_toy:", ValueError, "Received: 'own_toy:'"),
        ("no_toy.py:mine", FileNotFoundError, "There is no file 'no_toy.py'"),
        ("no_toy:mine", ModuleNotFoundError, "There is no module 'no_toy' in '"),
        ("a_package.no_toy:mine", ModuleNotFoundError, "no module 'a_package.no_toy'"),
        ("own_toy:yours", ValueError, "is not there in 'own_toy'. It has mine, sized, number"),
        ("own_toy.py:problem", ValueError, "`problem` is not a function in 'own_toy.py'"),
        ("own_toy:sized", ValueError, r"needs some: sized\(samples, batch=16\)"),
    ],
)
def test_what_is_wrong_is_told(folder, given, error, message):
    with pytest.raises(error, match=message) as raised:
        load(given)
    assert "Traceback" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("own_toy:failing", r"`failing` of 'own_toy' failed(?s:.*)return number\(\) / 0"),
        ("broken:mine", r"cannot be imported(?s:.*)broken.py.*line 2(?s:.*)'no_such_thing'"),
        ("broken.py:mine", r"cannot be imported(?s:.*)broken.py.*line 2(?s:.*)'no_such_thing'"),
        ("wrong.py:mine", r"cannot be imported(?s:.*)def mine\(:(?s:.*)SyntaxError"),
    ],
)
def test_what_it_raises_itself_is_shown_where_it_was_raised(folder, given, message):
    with pytest.raises(ValueError, match=message) as raised:
        load(given)
    # And not where it was called.
    assert "own_problem.py" not in str(raised.value)
    assert "importlib" not in str(raised.value)


def test_looking_runs_nothing(folder):
    (folder / "own_toy.py").write_text("raise SystemExit")
    check("own_toy:mine", "problem")
    check("own_toy.py:mine", "problem")


def test_it_is_called_with_what_it_takes(folder):
    (folder / "takes.py").write_text(TAKES)
    offered = {"problem": "p", "seed": 5}
    assert call("takes.py:nothing", "teachers", **offered) == ()
    assert call("takes.py:first", "teachers", **offered) == ("p", "kept")
    assert call("takes.py:both", "teachers", **offered) == ("p", 5)
    assert call("takes.py:seeded", "teachers", **offered) == 5
    with pytest.raises(ValueError, match="with `problem` and `seed`, and needs others: others"):
        call("takes.py:others", "teachers", **offered)


def test_functions_of_one_file_share_its_module(folder):
    (folder / "counts.py").write_text(
        "made = []\ndef count():\n    made.append(1)\n    return len(made)"
    )
    assert [call("counts.py:count", "problem") for _ in range(2)] == [1, 2]


def test_a_file_that_failed_is_run_again(folder):
    file = folder / "fails.py"
    file.write_text("1 / 0")
    with pytest.raises(ValueError, match="cannot be imported"):
        call("fails.py:one", "problem")
    file.write_text("def one():\n    return 1")
    assert call("fails.py:one", "problem") == 1


@pytest.mark.parametrize(
    ("given", "own"),
    [("digits", False), ("module:function", True), ("C:\\x.py:f", True), ("x.py", True)],
)
def test_what_is_of_ones_own(given, own):
    assert is_own(given) == own


def test_an_object_of_a_kind_may_be_named_too(folder):
    assert found("own_toy:problem", "number", int) == 3
    assert found("own_toy:number", "number", int)() == 3
    with pytest.raises(ValueError, match="`none` is not there in 'own_toy'. It has .*, problem"):
        found("own_toy:none", "number", int)
    with pytest.raises(ValueError, match="`problem` is not a dict or function in 'own_toy'"):
        found("own_toy:problem", "number", dict)
