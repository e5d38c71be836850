"""Functions that users give: whether they can be called as they will be."""

import functools
import re

import keras
import pytest

import keras_mtkd as mtkd
from keras_mtkd._backend.makers import check_maker, misfit


class Own(keras.layers.Layer):
    def __init__(self, units=2):
        super().__init__()


class Needy(keras.layers.Layer):
    def __init__(self, units):
        super().__init__()


def own(units=3):
    return Own(units)


@pytest.mark.parametrize(
    "given",
    [
        *(None, own, lambda: Own(), Own, keras.layers.Flatten, keras.Sequential, dict),
        *(functools.partial(keras.layers.Dense, 3), functools.partial(own, units=4)),
    ],
    ids=lambda given: getattr(given, "__name__", type(given).__name__),
)
def test_what_makes_something_is_taken(given):
    check_maker("`head`", given, "...")


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda: keras.layers.Dense(6, name="d"), "a layer itself, Dense 'd'."),
        (lambda: keras.Sequential(name="s"), "the model 's' itself."),
        (lambda: keras.layers.Dense, "`Dense`: missing a required argument: 'units'"),
        (lambda: Needy, "`Needy`: missing a required argument: 'units'"),
        (lambda: lambda x: x, "`<lambda>(x)`: missing a required argument: 'x'"),
        (lambda: functools.partial(Needy), "`Needy(units)`: missing"),
        (lambda: "dense", "'dense' of type str."),
    ],
    ids=["layer", "model", "class", "own_class", "function", "partial", "text"],
)
def test_what_makes_nothing_is_refused_with_the_way(make, received):
    with pytest.raises(TypeError, match=f"`head` must be .*`way`.*{re.escape(received)}"):
        check_maker("`head`", make(), "way")


def test_the_misfit_is_told_with_the_arguments():
    assert misfit(lambda a, b=1: a, ("x",)) is None
    assert misfit(lambda *all: all, ("x", "y")) is None
    assert misfit(lambda a: a, ("x", "y")) == "`<lambda>(a)`: too many positional arguments"
    assert misfit([1] * 99, ()) == f"[{'1, ' * 18}1,... of type list"


def test_what_has_no_signature_is_taken():
    class Silent:
        __signature__ = "none"

        def __call__(self):
            pass

    assert misfit(Silent(), ("x",)) is None


def test_task_and_problem_name_what_is_meant():
    layer = keras.layers.Dense(6)
    with pytest.raises(TypeError, match=r"Task 'topic': `head`.*`lambda: keras.layers.Dense\(6\)`"):
        mtkd.Task("topic", layer, "mse", ["mae"])
    task, data = mtkd.Task("a", None, "mse", ["mae"]), ([1], {"a": [1]})
    with pytest.raises(TypeError, match=r"Problem 'p': `backbone` .*weights of its own.*model 's'"):
        mtkd.Problem("p", [task], keras.Sequential(name="s"), data, data)
