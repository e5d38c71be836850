"""Metrics that are computed on validation data alone."""

import keras
import numpy as np
import pytest
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.experiments import Settings
from keras_mtkd.experiments.method import Method


class Counted(keras.metrics.MeanAbsoluteError):
    """Counts how often its update is run or traced."""

    updates = 0

    def update_state(self, *args, **kwargs):
        type(self).updates += 1
        return super().update_state(*args, **kwargs)


@pytest.fixture(scope="module")
def problem():
    return tiny_problem(samples=16)


def fitted(problem, path=None, **arguments):
    keras.utils.set_random_seed(0)
    student = problem.student()
    distiller = mtkd.MultiTaskDistiller(student, {})
    metrics = {"a": "accuracy", "b": Counted(name="error")}
    distiller.compile("sgd", loss=problem.losses(), metrics=metrics, **arguments)
    if path is not None:
        distiller.save(path)
        distiller = keras.saving.load_model(path, {"Counted": Counted})
    problem.train.reset(0)
    distiller.fit(problem.train, validation_data=problem.validation, epochs=2, verbose=0)
    return distiller, distiller.history.history


@pytest.fixture(scope="module")
def usual(problem):
    return fitted(problem)


def test_losses_and_validation_are_as_with_them(problem, usual):
    distiller, history = fitted(problem, train_metrics=False)
    left_out = set(usual[1]) - set(history)
    assert left_out == {"a_accuracy", "b_error"}
    for name, values in history.items():
        np.testing.assert_allclose(values, usual[1][name], rtol=1e-6, err_msg=name)
    for mine, theirs in zip(distiller.weights, usual[0].weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)


def test_none_is_updated_in_training(problem):
    distiller = mtkd.MultiTaskDistiller(problem.student(), {})
    metrics = {"b": Counted(name="error")}
    batch = problem.train[0]
    counts = []
    for on in (True, False):
        distiller.compile("sgd", loss=problem.losses(), metrics=metrics, train_metrics=on)
        distiller.test_on_batch(*batch)  # makes them
        before = Counted.updates
        logs = distiller.train_on_batch(*batch, return_dict=True)
        assert ("b_error" in logs) is on
        counts.append(Counted.updates - before)
    assert counts[0] > 0
    assert counts[1] == 0
    assert "b_error" in distiller.test_on_batch(*batch, return_dict=True)


def test_files_keep_it(problem, usual, tmp_path):
    _, history = fitted(problem, tmp_path / "distiller.keras", train_metrics=False)
    assert "a_accuracy" not in history
    assert "val_a_accuracy" in history


def test_comparisons_and_teachers_have_it(problem):
    settings = Settings(epochs=1, train_metrics=False)
    assert settings.as_conditions() == Settings(epochs=1).as_conditions()
    method = Method("Plain", lambda problem, settings: [])
    learner = method.learner(problem, {}, settings)
    assert "a_accuracy" not in learner.train_on_batch(*problem.train[0], return_dict=True)
    teachers = mtkd.train_teachers(problem, 1, verbose=0, train_metrics=False)
    history = teachers["a"].history.history
    assert "a_accuracy" not in history
    assert {"a_loss", "val_a_accuracy"} <= set(history)
