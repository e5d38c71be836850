"""`val_delta_mtl` in the logs of every `fit`."""

import csv

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.callbacks import DeltaMTL

SINGLE = {"a": 0.4, "b": 0.5}


def small_problem():
    return tiny_problem(samples=16)  # two batches


def plain_student(problem):
    model = problem.student()
    model.compile("sgd", problem.losses(), metrics=problem.metrics())
    return model


def by_hand(history, single):
    """Δ_MTL of every epoch: accuracy of "a" up, absolute error of "b" down."""
    a, b = np.array(history["val_a_accuracy"]), np.array(history["val_b_mae"])
    return 50 * ((a - single["a"]) / single["a"] - (b - single["b"]) / single["b"])


def fit(model, problem, *callbacks, epochs=2, **arguments):
    return model.fit(
        problem.train,
        validation_data=problem.validation,
        epochs=epochs,
        verbose=0,
        callbacks=list(callbacks),
        **arguments,
    ).history


def test_any_keras_model_with_given_scores():
    problem = small_problem()
    history = fit(plain_student(problem), problem, DeltaMTL(problem.tasks, SINGLE), epochs=3)
    np.testing.assert_allclose(history["val_delta_mtl"], by_hand(history, SINGLE), rtol=1e-6)


def test_a_distiller_and_scores_of_its_teachers():
    problem = small_problem()
    teachers = {task: problem.single(task) for task in problem.tasks}
    model = mtkd.MultiTaskDistiller(problem.student(), teachers)
    model.compile("sgd", loss=problem.losses(), metrics=problem.metrics())
    callback = DeltaMTL(problem.tasks)
    history = fit(model, problem, callback)
    x, y = problem.validation.x, problem.validation.y
    classes = np.argmax(teachers["a"].predict(x, verbose=0)["a"], -1)
    values = teachers["b"].predict(x, verbose=0)["b"]
    expected = {"a": np.mean(classes == y["a"]), "b": np.mean(np.abs(values - y["b"]))}
    assert callback.single_task == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(history["val_delta_mtl"], by_hand(history, expected), rtol=1e-4)


@pytest.mark.parametrize("kind", [tuple, list])
def test_teachers_and_arrays_of_a_plain_model(kind):
    problem = small_problem()
    x, y = toy_data(1)
    inputs = keras.Input((6,))
    bare = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    callback = DeltaMTL([problem.tasks["b"]], teachers={"b": bare}, data=kind((x, y)))
    fit(plain_student(problem), problem, callback)
    expected = np.mean(np.abs(bare.predict(x, verbose=0) - y["b"]))
    assert callback.single_task["b"] == pytest.approx(expected, rel=1e-5)


def test_one_task_whose_name_keras_leaves_out():
    problem = small_problem()
    student = problem.single("b")
    student.compile("sgd", loss=toy_losses()["b"], metrics=["mae"])
    x, y = toy_data()
    history = student.fit(
        x,
        y["b"],
        validation_data=(x, y["b"]),
        verbose=0,
        callbacks=[DeltaMTL([problem.tasks["b"]], {"b": 2.0})],
    ).history
    assert history["val_delta_mtl"] == pytest.approx([50 * (2 - history["val_mae"][0])], rel=1e-5)


class Falling(keras.callbacks.Callback):
    """Sets the scores of an epoch, the best one first."""

    def on_epoch_end(self, epoch, logs=None):
        logs.update({"val_a_accuracy": 0.4 - 0.1 * epoch, "val_b_mae": 0.5})


def test_later_callbacks_see_it(tmp_path):
    problem = small_problem()
    best = str(tmp_path / "best.keras")
    early = keras.callbacks.EarlyStopping("val_delta_mtl", mode="max", patience=1)
    keep = keras.callbacks.ModelCheckpoint(best, "val_delta_mtl", mode="max", save_best_only=True)
    table = keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))
    callbacks = [Falling(), DeltaMTL(problem.tasks, SINGLE), early, keep, table]
    history = fit(plain_student(problem), problem, *callbacks, epochs=9)
    assert history["val_delta_mtl"] == pytest.approx([0.0, -12.5])
    assert keep.best == pytest.approx(0.0)
    with open(tmp_path / "log.csv") as lines:
        rows = [float(row["val_delta_mtl"]) for row in csv.DictReader(lines)]
    assert rows == pytest.approx([0.0, -12.5])


def test_only_after_epochs_with_validation():
    problem = small_problem()
    history = fit(
        plain_student(problem),
        problem,
        DeltaMTL(problem.tasks, SINGLE),
        epochs=4,
        validation_freq=2,
    )
    assert len(history["val_delta_mtl"]) == 2


class TestUnlabelled:
    """A task that nothing is known of is left out, with a word."""

    def fitted(self, validation, single):
        problem = small_problem()
        model = mtkd.MultiTaskDistiller(problem.student(), {})
        model.compile(keras.optimizers.SGD(0.0), loss=problem.losses(), metrics=problem.metrics())
        callback = DeltaMTL(problem.tasks, single)
        x, y = toy_data(0, 8)
        data = {"validation_data": validation, "epochs": 2, "verbose": 0}
        return model.fit(x, y, callbacks=[callback], **data).history

    def test_in_the_validation_data(self):
        x, y = toy_data(1, 8)
        weights = {"a": np.ones(8), "b": np.zeros(8)}
        with pytest.warns(UserWarning, match="no label") as caught:
            history = self.fitted((x, y, weights), SINGLE)
        assert sum("leaves out task 'b'" in str(w.message) for w in caught) == 1
        a = np.array(history["val_a_accuracy"])
        wanted = 100 * (a - SINGLE["a"]) / SINGLE["a"]
        np.testing.assert_allclose(history["val_delta_mtl"], wanted, rtol=1e-6)

    def test_in_all_of_it(self):
        x, y = toy_data(1, 8)
        with pytest.warns(UserWarning, match="no label"):
            history = self.fitted((x, y, dict.fromkeys("ab", np.zeros(8))), SINGLE)
        assert np.isnan(history["val_delta_mtl"]).all()

    def test_in_what_teachers_were_measured_on(self):
        with pytest.warns(UserWarning, match=r"no single-task score \(NaN\)"):
            history = self.fitted(toy_data(1, 8), {**SINGLE, "b": float("nan")})
        a = np.array(history["val_a_accuracy"])
        wanted = 100 * (a - SINGLE["a"]) / SINGLE["a"]
        np.testing.assert_allclose(history["val_delta_mtl"], wanted, rtol=1e-6)

    def test_a_model_that_predicts_nan_is_not_left_out(self):
        callback = DeltaMTL(small_problem().tasks, SINGLE)
        logs = {"val_a_accuracy": 0.4, "val_b_mae": float("nan")}
        callback.on_epoch_end(0, logs)
        assert np.isnan(logs["val_delta_mtl"])


class TestRefusals:
    def test_no_validation(self):
        problem = small_problem()
        with pytest.warns(UserWarning, match="Pass `validation_data`"):
            plain_student(problem).fit(
                problem.train, verbose=0, callbacks=[DeltaMTL(problem.tasks, SINGLE)]
            )

    def test_score_of_no_use(self):
        tasks = small_problem().tasks
        with pytest.raises(ValueError, match="no result for task 'b'"):
            DeltaMTL(tasks, {"a": 1.0})
        with pytest.raises(ValueError, match="single-task score of 'b' is 0"):
            DeltaMTL(tasks, {"a": 1.0, "b": 0.0})

    def test_nothing_to_compare_with(self):
        problem = small_problem()
        with pytest.raises(ValueError, match="there is no teacher of 'a'"):
            fit(plain_student(problem), problem, DeltaMTL(problem.tasks))
        with pytest.raises(ValueError, match="there is no validation data"):
            fit(plain_student(problem), problem, DeltaMTL(problem.tasks, teachers=toy_teachers()))

    def test_score_that_is_not_logged(self):
        problem = small_problem()
        student = problem.student()
        student.compile("sgd", loss=problem.losses())
        with pytest.raises(ValueError, match="'val_a_accuracy', the score of task 'a'"):
            fit(student, problem, DeltaMTL(problem.tasks, SINGLE))

    def test_teacher_without_graph(self):
        class Own(keras.Model):
            def call(self, x):
                return x

        problem = small_problem()
        teachers = {"a": toy_model(("a",)), "b": Own()}
        callback = DeltaMTL(problem.tasks, teachers=teachers, data=problem.validation)
        with pytest.raises(ValueError, match="teacher of 'b' is no functional model"):
            fit(plain_student(problem), problem, callback)


@pytest.mark.parametrize("tasks", [["a"], "a"])
def test_names_are_no_tasks(tasks):
    with pytest.raises(TypeError, match=r"`problem.tasks`.*Received: 'a'.*`problem.tasks\['a'\]`"):
        DeltaMTL(tasks, SINGLE)


class Begun(keras.callbacks.Callback):
    """Notes the validation data, and ends training before it begins."""

    def on_train_begin(self, logs=None):
        self.data = self.model.fit_validation_data
        raise KeyboardInterrupt


@pytest.mark.parametrize("shuffle", [True, False])
def test_teachers_are_measured_on_the_part_that_fit_splits_off(shuffle):
    problem = small_problem()
    teachers = {task: problem.single(task) for task in problem.tasks}
    model = mtkd.MultiTaskDistiller(problem.student(), teachers)
    model.compile("sgd", loss=problem.losses(), metrics=problem.metrics())
    callback, begun = DeltaMTL(problem.tasks), Begun()
    x, y = toy_data(1)
    arguments = {"validation_split": 0.25, "shuffle": shuffle, "callbacks": [callback, begun]}
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, **arguments)
    assert np.array_equal(begun.data[0], x[36:])
    values = teachers["b"].predict(x[36:], verbose=0)["b"]
    assert callback.single_task["b"] == pytest.approx(np.mean(np.abs(values - y["b"][36:])), 1e-5)
    assert model.fit_validation_data is None


def test_validation_data_for_one_reading_is_not_used_up():
    callback = DeltaMTL(small_problem().tasks, teachers=toy_teachers(), data=iter([toy_data()]))
    with pytest.raises(ValueError, match=r"one reading alone.*can be read again"):
        callback.on_train_begin()
    assert next(callback.data)
