"""The functions of a method: whether they take what they will be called with."""

import functools
import re
from dataclasses import dataclass

import keras
import pytest

from keras_mtkd.experiments import METHODS, Method


def ways(problem, settings):
    return []


@pytest.mark.parametrize(
    ("argument", "called"),
    [
        ("distillation", "problem, settings"),
        ("callbacks", "problem, teachers, settings, seed"),
        ("balancing", "problem, teachers, settings"),
        ("student", "problem"),
    ],
)
def test_a_function_of_other_arguments_is_refused_by_its_name(argument, called):
    for wrong, received in (
        (lambda: None, r"`<lambda>\(\)`: too many positional arguments"),
        (lambda a, b, c, d, e: [], "missing a required argument"),
        ([], r"\[\] of type list"),
    ):
        message = f"Method 'One': `{argument}` must be a function of .{re.escape(called)}., as "
        with pytest.raises(TypeError, match=f"{message}.*{received}"):
            Method("One", **{"distillation": ways, argument: wrong})


def test_a_model_is_no_student():
    with pytest.raises(TypeError, match=r"'One': `student` must .*the model 's' itself"):
        Method("One", ways, student=keras.Sequential(name="s"))


def test_title_and_function_in_the_other_order():
    with pytest.raises(TypeError, match=r"title first .*`Method\('My method', lambda .*type str"):
        Method(ways, "Fill")


def test_whatever_takes_the_arguments_is_taken():
    def other_names(p, s, factor=2.0):
        return []

    for given in (other_names, lambda *given: [], functools.partial(ways), ways):
        assert Method("One", given).distillation is given
    assert METHODS["online-kd"].name == "online-kd"


def test_who_trains_otherwise_calls_them_otherwise():
    @dataclass(frozen=True)
    class Own(Method):
        def train(self, problem, *others):
            return self.distillation(problem)

    assert Own("One", lambda problem: []).name == "one"
