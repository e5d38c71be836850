"""What teachers leave of the student's loss, measured on data without some labels."""

import keras
import numpy as np
import pytest
from helpers import SAMPLES, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.callbacks._indicator import Indicator
from keras_mtkd.distillers.schedule_state import ScheduleState
from keras_mtkd.metrics.probe_losses import probe_losses


def distiller():
    keras.utils.set_random_seed(0)
    model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), [mtkd.LogitDistillation()])
    model.compile(keras.optimizers.SGD(0.05), loss=toy_losses())
    return model


def test_indicators_of_tasks_without_labels():
    """Measured on training data that has them, else as hard as the others on average."""
    x, y = toy_data()
    none = {"a": np.ones(SAMPLES), "b": np.zeros(SAMPLES)}
    model = distiller()

    class Fitted:
        fit_validation_data, fit_data = (x, y, none), (x, y)
        teachers, student, schedule = model.teachers, model.student, model.schedule
        task_losses, distillations = model.task_losses, model.distillations

    shares = Indicator(Fitted, None, SAMPLES).share_left()
    losses = [
        probe_losses(dict.fromkeys("b", each), toy_losses(), (x, y), SAMPLES)["b"]
        for each in (model.teachers["b"], model.student)
    ]
    assert shares["b"] == pytest.approx(min(losses[0] / losses[1], 1.0), rel=1e-5)
    Fitted.fit_data, Fitted.schedule = None, ScheduleState(["a", "b"])
    indicator = Indicator(Fitted, None, SAMPLES)
    with pytest.warns(UserWarning, match=r"no label of \['b'\] among the first"):
        found = indicator.share_left()
    assert found["b"] == found["a"] == pytest.approx(shares["a"], rel=1e-5)
    assert all(np.isfinite(list(indicator.teacher_losses().values())))  # said once


def test_indicators_count_labelled_samples_alone():
    x, y = toy_data()
    labelled = np.arange(len(x)) % 4 > 0
    weight = {"b": labelled.astype("float32")}
    model = toy_model()
    found = probe_losses({"a": model, "b": model}, toy_losses(), (x, y, weight), len(x))
    expected = np.mean((np.array(model(x)["b"]) - y["b"])[labelled] ** 2)
    assert found["b"] == pytest.approx(expected, rel=1e-5)
    full = probe_losses({"a": model}, toy_losses(), (x, y), len(x))
    assert found["a"] == pytest.approx(full["a"], rel=1e-5)
