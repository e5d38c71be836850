"""What `OnlineKD` refuses of networks and settings."""

import keras
import pytest
from helpers import toy_model, toy_teachers

import keras_mtkd as mtkd
from distillers.online.toy import online


def shared():
    model = toy_model()
    outputs = {task: model.output[task] for task in "ab"}
    return model, {task: keras.Model(model.input, {task: outputs[task]}) for task in "ab"}


def larger(task):
    inputs = keras.Input((8,))
    return keras.Model(inputs, {task: keras.layers.Dense(3, name="features")(inputs)})


def taps(*arguments, **options):
    return {"distillation": [mtkd.FeatureDistillation(*arguments, **options)]}


WRONG_MODELS = [
    (lambda: {"singles": {"a": toy_model(("a",))}}, ValueError, "'b' has no single-task network"),
    (
        lambda: {"singles": {**toy_teachers(), "c": toy_model(("a",))}},
        ValueError,
        "network for 'c', which is not a task",
    ),
    (lambda: {"singles": [toy_model()]}, TypeError, "must be a dict"),
    (lambda: {"singles": {"a": 1, "b": 2}}, TypeError, "network of 'a' must be a `keras.Model`"),
    (
        lambda: {"singles": {"a": toy_model(("b",)), "b": toy_model(("b",))}},
        ValueError,
        "no output 'a'",
    ),
    (
        lambda: {"singles": {**toy_teachers(), "a": larger("a")}},
        ValueError,
        r"Single-task network of 'a': .* takes inputs of shape \(8,\), the student .* \(6,\)",
    ),
    (
        lambda: {"student": keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])},
        ValueError,
        "outputs must be a dict",
    ),
]
WRONG_VALUES = [
    (taps("feature"), ValueError, "no layer 'feature'"),
    (taps("features", tasks=["c"]), ValueError, "names the task 'c'"),
    (taps("features", weight={"c": 1.0}), ValueError, "names the task 'c'"),
    (taps("features", loss="mse"), ValueError, "distance is adaptive"),
    ({"distillation": [mtkd.LogitDistillation()]}, TypeError, "compares features"),
    ({"distillation": ["features"]}, TypeError, "ways of distilling"),
    ({"distillation": [mtkd.FeatureDistillation("features")] * 2}, ValueError, "are called"),
    ({"warmup": -1}, ValueError, "`warmup` must be"),
    ({"warmup": 1.5}, ValueError, "`warmup` must be"),
    ({"temperature": 0}, ValueError, "`temperature` must be positive"),
    ({"clip": 0.0}, ValueError, "`clip` must be positive"),
]


@pytest.mark.parametrize(("make", "error", "message"), WRONG_MODELS)
def test_of_models(make, error, message):
    with pytest.raises(error, match=message):
        online(**make())


@pytest.mark.parametrize(("arguments", "error", "message"), WRONG_VALUES)
def test_of_values(arguments, error, message):
    with pytest.raises(error, match=message):
        online(**arguments)


def test_networks_that_share_weights_with_the_student_or_each_other():
    student, singles = shared()
    with pytest.raises(ValueError, match="shares weights with the student"):
        online(student, singles)
    with pytest.raises(ValueError, match="shares weights with the network of 'a'"):
        online(singles=singles)
