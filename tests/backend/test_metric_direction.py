"""Which way is up, for all of Keras' metrics and ours."""

import inspect

import keras
import pytest

import keras_mtkd as mtkd
from keras_mtkd._backend.metric_direction import higher_is_better

UNKNOWN = {"Metric", "Mean", "Sum", "MeanMetricWrapper"}
ARGUMENTS = [
    {},
    {"num_classes": 2},
    {"num_classes": 2, "target_class_ids": [0]},
    {"precision": 0.5},
    {"recall": 0.5},
    {"sensitivity": 0.5},
    {"specificity": 0.5},
    {"degrees": 30.0},
    {"name": "wrapped", "fn": abs},
]


def instance(kind):
    for arguments in ARGUMENTS:
        try:
            return kind(**arguments)
        except (TypeError, ValueError):
            continue
    raise AssertionError(kind)


def is_error(name):
    words = ("Error", "entropy", "Divergence", "Hinge", "Poisson", "False", "Angle")
    return any(word in name for word in words) and name != "NormalWithin"


@pytest.mark.parametrize("module", [keras.metrics, mtkd.metrics])
def test_every_metric_is_known(module):
    kinds = {
        name: kind
        for name, kind in vars(module).items()
        if inspect.isclass(kind) and issubclass(kind, keras.metrics.Metric)
    }
    assert len(kinds) > 5
    found = {name: higher_is_better(instance(kind)) for name, kind in kinds.items()}
    assert found == {name: None if name in UNKNOWN else not is_error(name) for name in found}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mae", False),
        ("val_rmse", False),
        ("bce", False),
        ("kl_divergence", False),
        ("acc", True),
        ("top_5_accuracy", True),
        ("mean_iou", True),
        ("accident", None),
        ("error_accuracy", None),
        ("mystery", None),
    ],
)
def test_names(name, expected):
    assert higher_is_better(name) is expected


def test_the_class_counts_for_more_than_a_users_name():
    assert higher_is_better(keras.metrics.MeanAbsoluteError(name="accuracy_of_depth")) is False


def task(metric, **kwargs):
    return mtkd.Task("t", None, "mse", [metric], **kwargs)


def test_a_task_knows_the_way_or_asks():
    assert task("mae").higher_is_better is False
    assert task("mae", higher_is_better=True).higher_is_better is True
    assert task("r2_score").higher_is_better is True
    with pytest.raises(ValueError, match=r"not known whether more of its score 'mystery'"):
        task("mystery")
    assert task("mystery", higher_is_better=False).higher_is_better is False


def test_an_error_twice_as_large_is_worse():
    assert mtkd.metrics.delta_mtl({"t": 2.0}, {"t": 1.0}, [task("mae")]) == -100.0
