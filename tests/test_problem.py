import keras
import numpy as np
import pytest
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.distillers.progress.columns import candidates


class TestProblem:
    def test_makes_models_of_one_and_of_all_tasks(self):
        problem = tiny_problem()
        student, single = problem.student(), problem.single("b")
        assert list(student.output) == ["a", "b"]
        assert list(single.output) == ["b"]
        assert student.get_layer("features").output.shape == (None, 8)
        assert problem.student() is not student

    @pytest.mark.parametrize("name", ["NYU v2 (13 classes)", "rooms/small", "_draft", "Zähler"])
    def test_any_name_makes_models_that_train(self, name):
        problem = tiny_problem(name=name)
        for model, losses in [
            (problem.student(), problem.losses()),
            (problem.single("b"), {"b": problem.losses()["b"]}),
        ]:
            model.compile("sgd", loss=losses)
            x, y = problem.train[0]
            assert np.isfinite(model.train_on_batch(x, {task: y[task] for task in losses})).all()
        assert problem.name == name

    def test_a_score_that_is_not_the_first_metric_is_what_is_shown(self):
        problem = tiny_problem()
        metrics = ["mse", keras.metrics.MeanAbsoluteError(name="error")]
        problem.tasks["b"] = mtkd.Task("b", problem.tasks["b"].head, "mse", metrics, score="error")
        shown = candidates(list(problem.tasks), problem.metrics())["b"]
        assert [score.name for score in shown] == ["b_error", "b_mse", "b_loss"]

    def test_unknown_task(self):
        with pytest.raises(ValueError, match=r"no task 'c'. Its tasks: \['a', 'b'\]"):
            tiny_problem().single("c")

    def test_task_names_must_differ(self):
        task = mtkd.Task("a", None, "mse", ["mae"])
        with pytest.raises(ValueError, match=r"different names. Received: \['a', 'a'\]"):
            mtkd.Problem("p", [task, task], None, None, None)

    def test_fingerprint_depends_on_what_matters(self):
        base = tiny_problem().fingerprint()
        assert tiny_problem().fingerprint() == base
        for other, key in [
            (tiny_problem(width=9), "backbone"),
            (tiny_problem(name="other"), "problem"),
            (tiny_problem(samples=24), "data"),
            (tiny_problem(units=4), "tasks"),
        ]:
            changed = other.fingerprint()
            assert {k for k in base if base[k] != changed[k]} == {key}

    def test_fingerprint_of_one_task_ignores_the_others(self):
        assert tiny_problem(units=4).fingerprint("b") == tiny_problem().fingerprint("b")
        assert tiny_problem(units=4).fingerprint("a") != tiny_problem().fingerprint("a")

    def test_validate_looks_at_every_batch_of_every_part(self):
        problem = tiny_problem()
        problem.validate()
        problem.test.y["b"][-1] = np.nan
        with pytest.raises(
            ValueError, match="Problem 'tiny', test data: In batch 4: Task 'b': 1 labels"
        ):
            problem.validate()

    def test_validate_by_another_model_than_the_problems(self):
        problem = tiny_problem()
        problem.validate(problem.single("b"))
        with pytest.raises(ValueError, match=r"train data: .*Task 'a': the head has 2 classes"):
            problem.validate(tiny_problem(units=2).single("a"))


@pytest.mark.parametrize("name", ["left digit", "click/buy"])
def test_tasks_of_any_name_are_distilled(name):
    inputs = keras.Input((6,))
    shared = keras.layers.Dense(4, name="features")(inputs)
    student = keras.Model(inputs, {name: keras.layers.Dense(1)(shared)})
    teacher = keras.models.clone_model(student)
    distiller = mtkd.MultiTaskDistiller(
        student, {name: teacher}, [mtkd.FeatureDistillation("features")]
    )
    distiller.compile("sgd", loss={name: keras.losses.MeanSquaredError()})
    x = np.ones((4, 6), "float32")
    assert np.isfinite(distiller.train_on_batch(x, {name: x[:, :1]})).all()
