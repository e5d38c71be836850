"""A student of one's own: what is refused, who gets it, and how it is known again."""

import keras
import numpy as np
import pytest

from experiments.comparing import run, small_problem
from keras_mtkd.experiments import METHODS, Method
from keras_mtkd.experiments.own_student import OwnStudent
from keras_mtkd.experiments.ways import nothing
from keras_mtkd.problem import Problem


def narrow(problem, width=4, layer="features", value=None, **units):
    inputs = keras.Input((6,))
    kernel = "glorot_uniform" if value is None else keras.initializers.Constant(value)
    hidden = keras.layers.Dense(width, "relu", name=layer, kernel_initializer=kernel)(inputs)
    heads = {task: keras.layers.Dense(n)(hidden) for task, n in {"a": 3, "b": 1, **units}.items()}
    return keras.Model(inputs, heads, name="narrow")


def without_arguments():
    return narrow(None)


ONE = narrow(None)


def given_inputs(problem):
    inputs = keras.Input((7,))
    return keras.Model(
        inputs, {"a": keras.layers.Dense(3)(inputs), "b": keras.layers.Dense(1)(inputs)}
    )


def plain(problem):
    inputs = keras.Input((6,))
    return keras.Model(inputs, keras.layers.Dense(3)(inputs))


@pytest.mark.parametrize(
    ("given", "error", "reason"),
    [
        (ONE, TypeError, "must be a function that makes a new student"),
        ("narrow", TypeError, "must be a function that makes a new student"),
        (lambda problem: ONE, ValueError, "gives the same weights again"),
        (plain, ValueError, "student's outputs must be a dict"),
        (lambda problem: narrow(problem, c=1), ValueError, "no more and no less: .*'a', 'b', 'c'"),
        (lambda problem: narrow(problem, a=2), ValueError, "Task 'a'"),
        (given_inputs, ValueError, "does not take the inputs of problem 'tiny'"),
    ],
    ids=["model", "text", "same", "no dict", "tasks", "classes", "inputs"],
)
def test_what_does_not_fit_is_refused(given, error, reason):
    with pytest.raises(error, match=reason):
        OwnStudent(small_problem(), given)


def test_a_function_may_take_the_problem_or_nothing():
    problem = small_problem()
    for given in (narrow, without_arguments, lambda *, width=4: narrow(None, width)):
        assert OwnStudent(problem, given).make(problem).count_params() == ONE.count_params()


def test_it_is_known_again_by_architecture_and_pretrained_weights():
    def fingerprint(**changes):
        return OwnStudent(small_problem(), lambda p: narrow(p, **changes)).fingerprint

    assert fingerprint() == fingerprint()
    kinds = [{}, {"width": 5}, {"value": 0.1}, {"value": 0.2}]
    assert len({fingerprint(**changes) for changes in kinds}) == len(kinds)


def untrained(problem, *settings):
    made = {task: problem.single(task) for task in problem.tasks}
    for model in made.values():
        model.history = keras.callbacks.History()
        model.history.history = {}
    return made


def test_methods_get_it_that_bring_none(tmp_path, monkeypatch):
    seen = {}

    def train(self, problem, teachers, settings, seed, *more):
        seen[self.name] = self.student(problem).count_params()
        return self.student(problem)

    monkeypatch.setattr(Method, "train", train)
    monkeypatch.setattr("keras_mtkd.experiments.trainings.train_teachers", untrained)
    brings = Method("Brings", nothing, student=lambda problem: narrow(problem, 7))
    methods = ("single", "uniform", brings)
    comparison = run(tmp_path, methods, student=narrow)
    mine = ONE.count_params()
    assert seen == {"uniform": mine, "brings": 7 * 7 + 8 * 4}
    assert comparison.costs()["parameters"]["uniform"] == mine
    assert comparison.costs()["parameters"]["brings"] == 7 * 7 + 8 * 4
    for other in (None, lambda problem: narrow(problem, 5)):
        with pytest.raises(ValueError, match="other conditions.*own student"):
            run(tmp_path, methods, student=other)


def test_online_distillation_trains_it():
    from dataclasses import replace

    from experiments.comparing import SETTINGS

    method = METHODS["online-kd"]
    assert method.student is Problem.student
    learner = replace(method, student=narrow).learner(small_problem(), {}, SETTINGS)
    assert learner.student.name == "narrow"
    x = np.zeros((2, 6), "float32")
    assert learner.student(x)["a"].shape == (2, 3)


def test_taps_that_it_lacks_are_told_with_those_it_has():
    with pytest.raises(ValueError, match="Method 'OnlineKD' does not fit") as error:
        run(methods=("uniform", "online-kd"), student=lambda problem: narrow(problem, layer="mine"))
    assert "Layers of the student: 'input_layer" in str(error.value)
    assert "'mine'" in str(error.value)
    assert "['features'], which must be in student and teachers alike" in str(error.value)


def wants_two(problem, width):
    return None


@pytest.mark.parametrize(
    ("given", "received"),
    [
        (wants_two, r"`wants_two\(problem, width\)`: missing a required argument: 'width'"),
        (lambda *, problem: None, "too many positional arguments"),
        ("small", "Received: 'small' of type str"),
    ],
    ids=["two", "by_name", "text"],
)
def test_a_function_of_other_arguments_is_refused(given, received):
    with pytest.raises(TypeError, match=f"`student` must be a function .*{received}"):
        OwnStudent(None, given)


def test_a_function_is_called_with_the_problem_if_it_takes_one():
    from keras_mtkd.experiments.own_student import _as_maker

    def first(*given):
        return given

    assert _as_maker(first)("problem") == ("problem",)
    assert _as_maker(lambda problem: problem)("problem") == "problem"
    assert _as_maker(lambda width=8: width)("problem") == 8
    assert _as_maker(lambda: None)("problem") is None
