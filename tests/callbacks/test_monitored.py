"""Which way is up for an entry of the logs."""

from types import SimpleNamespace

import keras
import pytest
from helpers import toy_data, toy_losses, toy_model

import keras_mtkd as mtkd
from keras_mtkd.callbacks._monitored import more_is_better, of_validation

NAMES = ("mae", "accuracy", "left_eye", "left")


def model(*metrics):
    return SimpleNamespace(task_names=NAMES, metrics=list(metrics))


@pytest.mark.parametrize(
    ("monitor", "up"),
    [
        ("val_delta_mtl", True),
        ("val_loss", False),
        ("loss", False),
        ("val_left_accuracy", True),
        ("val_left_eye_rmse", False),
        ("val_mae_accuracy", True),
        ("val_accuracy_mae", False),
        ("accuracy_loss", False),
        ("val_left_mystery", None),
        ("val_left_eye_mystery", None),
        ("val_mae_mystery", None),
    ],
)
def test_names(monitor, up):
    assert more_is_better(monitor, model()) is up


def test_a_metrics_class_counts_for_more_than_its_name():
    angle = keras.metrics.MeanAbsoluteError(name="precision")
    assert more_is_better("val_left_precision", model()) is True
    assert more_is_better("val_left_precision", model(angle)) is False
    f1 = keras.metrics.F1Score(average="macro", name="mystery")
    assert more_is_better("val_left_mystery", model(f1)) is True


def test_metrics_of_one_name_that_disagree_leave_it_to_the_name():
    two = keras.metrics.AUC(name="both"), keras.metrics.MeanSquaredError(name="both")
    assert more_is_better("val_left_both", model(*two)) is None


def test_metrics_are_found_in_a_compiled_model():
    trained = mtkd.MultiTaskModel(toy_model())
    metrics = {"b": [keras.metrics.RootMeanSquaredError(name="width")]}
    trained.compile("sgd", loss=toy_losses(), metrics=metrics)
    trained.evaluate(*toy_data(0, 8), verbose=0)
    assert more_is_better("val_b_width", trained) is False
    assert more_is_better("val_b_depth", trained) is None


def test_what_comes_from_validation():
    assert of_validation("val_loss")
    assert not of_validation("interval_loss")
