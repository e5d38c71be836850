"""Methods of the user's own among the names of others."""

import pickle
import sys

import pytest

from keras_mtkd.command_line.own_methods import load_all

SOURCE = """
from keras_mtkd.experiments import Method

def ways(problem, settings):
    return []

mine = Method("Mine", ways)

def made():
    return Method("Made", ways)

def number():
    return 3

def more(width):
    return mine

text = "mine"

hidden = Method("Hidden", lambda problem, settings: [])
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A file of the user's, and what it is called as a module."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = tmp_path / "methods_of_a_user.py"
    path.write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    yield path
    sys.modules.pop(path.stem, None)


@pytest.mark.parametrize("form", ["methods_of_a_user.py", "methods_of_a_user"])
def test_a_method_or_what_makes_one_stands_among_names(place, form):
    found = load_all(["single", f"{form}:mine", f"{form}:made", "scd"], workers=2)
    named = [each if isinstance(each, str) else each.title for each in found]
    assert named == ["single", "Mine", "Made", "scd"]
    # Other processes import its functions.
    assert pickle.loads(pickle.dumps(found[1])).distillation is found[1].distillation


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("number", "must be a `keras_mtkd.experiments.Method`, or .*It returned int."),
        ("ways", r"problem and settings.*write `my_method = .*Method\('My method', ways\)`"),
        ("more", r"`more` is called without arguments, and needs some: more\(width\)"),
        ("text", "`text` is not a Method or function in .*It has ways, mine, made, number"),
        ("yours", "`yours` is not there in .*It has ways, mine, made"),
    ],
)
def test_what_is_no_method_is_told(place, name, message):
    with pytest.raises(ValueError, match=message):
        load_all([f"{place}:{name}"])


def test_what_processes_cannot_import_is_refused(place):
    assert load_all([f"{place}:hidden"])[0].title == "Hidden"
    with pytest.raises(ValueError, match="`--workers` the functions of .*:hidden` .* no lambda"):
        load_all([f"{place}:hidden"], workers=2)


def test_a_file_that_processes_would_not_find_is_refused(place):
    other = place.with_name("json.py")
    other.write_text(SOURCE)
    try:
        (found,) = load_all([f"{other}:mine"])
        assert found.title == "Mine"
        with pytest.raises(ValueError, match="Something else is called 'json'.*another name"):
            load_all([f"{other}:mine"], workers=2)
    finally:
        sys.modules.pop(found.distillation.__module__)
