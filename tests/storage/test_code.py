"""What a user wrote counts by what it does, wherever it stands and however it is called."""

import functools
import types

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd._storage.fingerprint import digest, measure, objective

SOURCE = """
import functools
import keras
import numpy as np

FACTOR = 2.0

def scaled(value):
    return FACTOR * value

def function(y, p, power=1.0):
    return scaled(keras.ops.abs(y - p) ** power)

def made(shift):
    return lambda y, p: keras.ops.abs(y - p + shift)

class Own(keras.losses.Loss):
    limit = 1.0

    def __init__(self, power=1.0, table=(1.0, 2.0)):
        super().__init__()
        self.power, self.table = power, np.array(table)

    def call(self, y, p):
        return self.limit * keras.ops.abs(y - p) ** self.power

class Called:
    def __call__(self, y, p):
        return keras.ops.abs(y - p)

class Metric(keras.metrics.MeanSquaredError):
    def result(self):
        return 2 * super().result()

LOSSES = {
    "function": function,
    "partial": functools.partial(function, power=2.0),
    "another partial": functools.partial(function, power=3.0),
    "lambda": made(1.0),
    "another lambda": made(2.0),
    "object": Own(),
    "another object": Own(2.0),
    "an array": Own(table=(1.0, 3.0)),
    "called": Called(),
    "of keras": keras.losses.huber,
    "partial of keras": functools.partial(keras.losses.huber, delta=2.0),
}
"""


def written(source=SOURCE, name="/somewhere/losses.py"):
    """A module as a user would write it, in a file or a notebook."""
    module = types.ModuleType("losses")
    exec(compile(source, name, "exec"), module.__dict__)
    return module


def told(module):
    return {name: digest(objective(mtkd.losses.get(of))) for name, of in module.LOSSES.items()}


BASE = told(written())
AS_BEFORE = {
    "elsewhere": {"name": "<stdin>", "source": "\n\n# A word.\n" + SOURCE},
    "documented": {
        "source": SOURCE.replace(
            "def function(y, p, power=1.0):", 'def function(y, p, power=1.0):\n    """Says what."""'
        )
    },
}
CHANGED = {
    "a value that a helper reads": (
        "FACTOR = 2.0",
        "FACTOR = 3.0",
        {"function", "partial", "another partial"},
    ),
    "a helper": ("FACTOR * value", "FACTOR + value", {"function", "partial", "another partial"}),
    "a default": ("p, power=1.0):", "p, power=1.5):", {"function", "partial", "another partial"}),
    "a constant within": ("y - p + shift", "y - 2 * p + shift", {"lambda", "another lambda"}),
    "a value of the class": (
        "limit = 1.0",
        "limit = 2.0",
        {"object", "another object", "an array"},
    ),
    "a method": ("self.limit *", "-self.limit *", {"object", "another object", "an array"}),
    "what is called": (
        "def __call__(self, y, p):\n        return keras.ops.abs",
        "def __call__(self, y, p):\n        return keras.ops.square",
        {"called"},
    ),
}


def test_all_are_told_apart():
    assert len(set(BASE.values())) == len(BASE)


@pytest.mark.parametrize("how", AS_BEFORE.values(), ids=AS_BEFORE.keys())
def test_where_it_stands_and_what_is_said_of_it_change_nothing(how):
    assert told(written(**how)) == BASE


@pytest.mark.parametrize(("old", "new", "names"), CHANGED.values(), ids=CHANGED.keys())
def test_what_it_does_counts(old, new, names):
    assert SOURCE.count(old) == 1
    found = told(written(SOURCE.replace(old, new)))
    assert {name for name in BASE if found[name] != BASE[name]} == names


def test_losses_within_losses_of_the_package():
    def selected(module, name):
        return objective(mtkd.losses.SelectPositions(mtkd.losses.get(module.LOSSES[name]), 0.5))

    module = written()
    assert selected(module, "object") == selected(written(), "object")
    assert selected(module, "object") != selected(module, "another object")


def test_functions_that_know_themselves_end():
    def one(y, p, depth=2):
        return one(y, p, depth - 1) if depth else keras.ops.abs(y - p)

    assert digest(objective(mtkd.losses.get(one)))


def test_models_that_losses_look_through():
    def looked_through(value):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.layers[0].kernel.assign(np.full((2, 1), value))
        loss = lambda y, p: keras.ops.abs(model(y) - model(p))  # noqa: E731
        return objective(mtkd.losses.get(loss))

    assert looked_through(1.0) == looked_through(1.0)
    assert looked_through(1.0) != looked_through(2.0)


def test_metrics():
    module, again = written(), written()
    changed = written(SOURCE.replace("2 * super()", "3 * super()"))
    assert digest(measure(module.Metric())) == digest(measure(again.Metric()))
    assert digest(measure(module.Metric())) != digest(measure(changed.Metric()))
    one, other = (keras.metrics.TopKCategoricalAccuracy(k) for k in (2, 3))
    assert digest(measure(one)) != digest(measure(other))
    assert measure("mae") == "mae"


def test_methods_sets_and_objects_of_libraries():
    def of(names, loss):
        class Holder:
            def __init__(self):
                self.names, self.words = names, np.array(sorted(names), dtype=object)
                self.generator, self.loss = np.random.default_rng(), loss

            def compare(self, y, p):
                return len(self.names) * keras.ops.abs(y - p)

        return digest(objective(mtkd.losses.get(Holder().compare)))

    base = of({"a", "b"}, keras.losses.Huber(1.0))
    assert of({"b", "a"}, keras.losses.Huber(1.0)) == base
    assert of({"a", "c"}, keras.losses.Huber(1.0)) != base
    assert of({"a", "b"}, keras.losses.Huber(2.0)) != base


def test_wrapped_functions_are_those_within():
    module = written()
    wrapped = functools.wraps(module.function)(lambda *given: module.function(*given))
    assert np.isfinite(mtkd.losses.get(wrapped)(np.ones((2, 1)), np.zeros((2, 1))))
    assert objective(mtkd.losses.get(wrapped)) == objective(mtkd.losses.get(module.function))
