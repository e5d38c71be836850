"""Searches by Keras Tuner."""

import gc
import sys
import weakref
from pathlib import Path

import keras
import numpy as np
import pytest
from helpers import snapshot
from problems import tiny_problem
from searching import ONE_PROGRAM, hyper_model, tuner, untrained_teachers

import keras_mtkd as mtkd
from keras_mtkd._backend.keras_compat import calls_of, layers_within
from keras_mtkd.layers.frozen_teacher import FrozenTeacher

keras_tuner = pytest.importorskip("keras_tuner")

SCHEDULED = {
    **ONE_PROGRAM,
    "schedule": "scd",
    "stages": "equal",
    "mode": "strict",
    "threshold": 0.9999,
}


def finished(search):
    trials = search.oracle.trials.values()
    assert all(trial.status == "COMPLETED" for trial in trials), [t.message for t in trials]
    return list(trials)


@pytest.mark.parametrize(
    "kind", ["RandomSearch", pytest.param("BayesianOptimization", marks=pytest.mark.slow)]
)
def test_a_search_finds_its_best_student(kind, tmp_path):
    hypermodel = hyper_model(epochs=2)
    # Gaussian processes begin with the second trial.
    more = {"num_initial_points": 1} if kind == "BayesianOptimization" else {}
    search = tuner(getattr(keras_tuner, kind), hypermodel, tmp_path, max_trials=2, **more)
    search.search(verbose=0)
    trials = finished(search)
    assert len(trials) == 2
    best = search.get_best_models()[0]
    logs = best.evaluate(hypermodel.problem.validation, return_dict=True, verbose=0)
    scores = {"a": logs["a_accuracy"], "b": logs["b_mae"]}
    delta = mtkd.metrics.delta_mtl(scores, hypermodel.single_task, hypermodel.problem.tasks)
    assert max(trial.score for trial in trials) == pytest.approx(delta, rel=1e-4)


def test_objectives_of_several_tasks(tmp_path):
    hypermodel = hyper_model(epochs=1)
    objectives = [hypermodel.objective("val_a_accuracy"), hypermodel.objective("val_b_mae")]
    kind = keras_tuner.RandomSearch
    search = tuner(kind, hypermodel, tmp_path, max_trials=1, objective=objectives)
    search.search(verbose=0)
    (trial,) = finished(search)
    values = {n: trial.metrics.get_last_value(n) for n in ("val_a_accuracy", "val_b_mae")}
    assert trial.score == pytest.approx(values["val_b_mae"] - values["val_a_accuracy"])


def test_hyperband_goes_on_as_if_it_had_not_stopped(tmp_path):
    hypermodel = hyper_model(2, dimensions=SCHEDULED)
    search = tuner(keras_tuner.Hyperband, hypermodel, tmp_path, max_epochs=2, factor=2)
    search.oracle.max_trials = 3  # The third one continues the better of the first two.
    search.search(verbose=0)
    later = [t for t in finished(search) if "tuner/trial_id" in t.hyperparameters.values]
    assert [t.hyperparameters.values["tuner/initial_epoch"] for t in later] == [1]
    values = later[0].hyperparameters.values
    hp = keras_tuner.HyperParameters()
    hp.values = {k: v for k, v in values.items() if not k.startswith("tuner/")}
    whole = hypermodel.build(hp)
    history = hypermodel.fit(hp, whole, verbose=0).history
    continued = hypermodel.build(hp)
    folder = Path(search.get_trial_dir(later[0].trial_id)) / "training" / "worker0"
    continued.load_weights(folder / "epoch-00002.weights.h5")
    # Student, adaptors, schedule and both optimisers.
    for one, other in zip(whole.variables, continued.variables, strict=True):
        if "seed" not in one.path:
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6, err_msg=one.path)
    for one, other in zip(whole.optimizer.variables, continued.optimizer.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6, err_msg=one.path)
    assert int(whole.optimizer.iterations) == 2 * 2  # epochs, and batches of 8 in 16 samples
    assert later[0].score == pytest.approx(max(history["val_delta_mtl"][1:]), rel=1e-4)


def test_an_interrupted_search_goes_on(tmp_path):
    class Interrupted(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    kind = keras_tuner.RandomSearch
    first = tuner(kind, hyper_model(epochs=1), tmp_path, max_trials=1)
    first.search(verbose=0)
    stopped = tuner(kind, hyper_model(epochs=1), tmp_path, max_trials=2)
    with pytest.raises(KeyboardInterrupt):
        stopped.search(verbose=0, callbacks=[Interrupted()])
    hypermodel = hyper_model(epochs=1)
    search = tuner(kind, hypermodel, tmp_path, max_trials=2)
    search.search(verbose=0)
    assert len(finished(search)) == 2
    assert type(hypermodel).trained == 1
    old = first.oracle.trials["0"]
    assert search.oracle.trials["0"].score == old.score


@pytest.mark.traced
def test_nothing_is_left_of_a_trial():
    def graphs():
        gc.collect()
        return sum(type(each).__name__ == "FuncGraph" for each in gc.get_objects())

    problem = tiny_problem(samples=8)
    del problem.tasks["a"]  # Less to trace.
    hypermodel = hyper_model(1, problem)
    layers = [layer for model in hypermodel.teachers.values() for layer in layers_within(model)]
    nodes, students, traced = [], [], []
    for _ in range(3):
        keras.utils.clear_session()
        hp = keras_tuner.HyperParameters()
        model = hypermodel.build(hp)
        hypermodel.fit(hp, model, verbose=0)
        students.append(weakref.ref(model.student))
        nodes.append(sum(len(calls_of(layer)) for layer in layers))
        del model
        traced.append(graphs())
    assert [student() for student in students] == [None] * 3
    assert nodes[0] == nodes[1] == nodes[2]
    assert traced[1] == traced[2]


def test_a_teacher_whose_taps_were_made_can_go():
    teacher = tiny_problem().single("a")
    one, other = (FrozenTeacher(teacher, ("features",)) for _ in range(2))
    assert one._teacher.tapped is other._teacher.tapped
    gone = weakref.ref(teacher)
    del teacher, one, other
    gc.collect()
    assert gone() is None


class TestBuild:
    def test_trials_start_alike_and_executions_do_not(self):
        hypermodel = hyper_model(epochs=1)
        students = []
        for rate in (0.001, 0.002, 0.002):
            hp = keras_tuner.HyperParameters()
            hp.values = {"learning_rate": rate}
            students.append(snapshot(hypermodel.build(hp).student))
        assert np.array_equal(students[0][0], students[1][0])
        assert not np.array_equal(students[1][0], students[2][0])

    def test_a_student_of_the_choices(self):
        def width(suggest, problem):
            return suggest.suggest_int("width", 3, 9)

        hypermodel = hyper_model(
            dimensions={"width": width},
            student=lambda choices: tiny_problem(choices["width"]).student(),
        )
        hp = keras_tuner.HyperParameters()
        hp.values = {"width": 5}
        assert hypermodel.build(hp).student.get_layer("features").units == 5

    def test_settings_outlive_the_session(self):
        keras.config.set_dtype_policy("mixed_float16")
        hypermodel = hyper_model()
        keras.utils.clear_session()
        assert keras.config.dtype_policy().name == "float32"
        student = hypermodel.build(keras_tuner.HyperParameters()).student
        assert student.get_layer("features").compute_dtype == "float16"


class TestRefusals:
    def test_arguments(self):
        problem = tiny_problem()
        with pytest.raises(ValueError, match="`epochs` must be at least 1"):
            hyper_model(epochs=0)
        teachers = untrained_teachers(problem)
        del teachers["b"]
        with pytest.raises(ValueError, match=r"There is none: \['b'\]"):
            hyper_model(problem=problem, teachers=teachers)

    def test_more_epochs_than_planned_stop_the_search_at_once(self, tmp_path):
        search = tuner(keras_tuner.Hyperband, hyper_model(epochs=2), tmp_path, max_epochs=9)
        with pytest.raises(keras_tuner.errors.FatalValueError, match="planned for 2 epochs"):
            search.search(verbose=0)
        assert not [t for t in search.oracle.trials.values() if t.status == "COMPLETED"]


def test_without_keras_tuner_the_space_is_there_and_the_rest_says_what_to_install(monkeypatch):
    # `tests/test_public_names.py` imports the package where it is missing.
    monkeypatch.setitem(sys.modules, "keras_tuner", None)
    monkeypatch.delitem(sys.modules, "keras_mtkd.tuning.hyper_model")
    assert callable(mtkd.tuning.search_space)
    assert callable(mtkd.tuning.new_distiller)
    for ask in (lambda: mtkd.tuning.DistillationHyperModel, mtkd.tuning.objective):
        with pytest.raises(ImportError) as error:
            ask()
        assert str(error.value).startswith("This needs keras_tuner, which is not installed. ")
        assert "The extra 'tuner' of keras-mtkd brings it: `pip install 'keras-tuner" in str(
            error.value
        )
