"""What a comparison is made from is found wrong before anything is trained, and can travel."""

import functools
import pickle
from pathlib import Path

import pytest
from problems import tiny_problem

from keras_mtkd.experiments import Settings
from keras_mtkd.experiments.preparation import Asked, kept_in, prepare, trainer_of

PROBLEM = functools.partial(tiny_problem, samples=16, batch=16)


def asked(
    problem=PROBLEM, methods=("single", "mtlkd"), root=None, teachers=None, student=None, **settings
):
    settings = Settings(epochs=1, **settings)
    return Asked(problem, methods, (0,), settings, "test", root, 0, teachers, student)


def test_single_task_models_are_no_method():
    made = prepare(asked())
    assert list(made.methods) == ["mtlkd"]
    assert made.titles == {"mtlkd": "MTLKD"}
    assert made.own_teachers == {}
    assert made.problem.name == PROBLEM().name


def test_own_models_come_in_everywhere():
    problem = PROBLEM()
    teacher = problem.single("a")

    def student(problem):
        return problem.student()

    made = prepare(asked(problem, teachers={"a": teacher}, student=student))
    assert made.own_teachers == {"a": teacher}
    assert made.titles["single"] == "Teachers"
    assert made.methods["mtlkd"].student is student
    assert "own student" in made.trainings.conditions


def test_what_was_asked_for_reaches_another_process():
    sent = pickle.loads(pickle.dumps(asked()))
    assert (sent.problem.func, sent.problem.keywords) == (PROBLEM.func, PROBLEM.keywords)
    assert sent.settings == asked().settings
    assert trainer_of(sent) is not None
    with pytest.raises(TypeError, match="no lambda or inner function"):
        prepare(asked(student=lambda: None), workers=2)


def test_one_process_needs_no_directory_and_several_share_one(tmp_path):
    with kept_in(None, 1) as root:
        assert root is None
    with kept_in(None, 2) as root:
        assert root.is_dir()
    assert not root.exists()
    with kept_in(str(tmp_path), 2) as root:
        assert root == Path(tmp_path)


def test_labels_have_to_fit_the_models_that_are_trained():
    """The heads of the problem's own students are nobody's where both are brought."""
    problem, fitting = functools.partial(PROBLEM, units=2), PROBLEM()

    def student(problem):
        return fitting.student()

    teachers = {task: fitting.single(task) for task in fitting.tasks}
    made = prepare(asked(problem, ("uniform",), teachers=teachers, student=student))
    assert made.methods["uniform"].student is student
    with pytest.raises(ValueError, match=r"Problem 'tiny', train data: .*the head has 2 classes"):
        prepare(asked(problem))
    with pytest.raises(
        ValueError,
        match=r"no teacher of 'a'.*`Problem\(backbone=\.\.\.\)`.*the head has 2 classes",
    ):
        prepare(asked(problem, teachers={"b": teachers["b"]}, student=student))


def test_weights_are_those_of_tasks_and_of_methods_that_take_them():
    with pytest.raises(ValueError, match="`task_weights`: There is no task 'c'. Known: a, b"):
        prepare(asked(task_weights={"c": 1.0}))
    with pytest.raises(ValueError, match="'online-kd' weighs the tasks by itself"):
        prepare(asked(methods=("mtlkd", "online-kd"), task_weights={"a": 0.5}))
    made = prepare(asked(task_weights={"a": 0.5}))
    assert made.trainings.conditions["task_weights"] == {"a": 0.5}


@pytest.mark.parametrize("given", ["digits", lambda name: None], ids=["text", "function"])
def test_what_makes_no_problem_is_refused(given):
    with pytest.raises(TypeError, match=r"`problem` must be a `Problem`, or .*Received: .*d"):
        prepare(asked(given))
