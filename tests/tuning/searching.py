"""A small search that several tests run."""

from unittest import mock

import keras
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.distillers.scores import teacher_scores

CHOICES = {
    "learning_rate": 0.01,
    "adaptor_learning_rate": 0.1,
    "weight": {"a": 2.0, "b": 3.0},
    "logit_weight": 0.5,
    "temperature": 3.0,
    "tap": "features",
    "distance": "normalized_l2",
    "balancing": "none",
    "schedule": "scd",
    "threshold": 0.5,
    "mode": "strict",
    "stages": "equal",
    "last_start": 0.5,
}


# Trials that differ in their rates and weights alone run the same program.
ONE_PROGRAM = {
    "logit_weight": 0.0,
    "temperature": 4.0,
    "distance": "normalized_l2",
    "balancing": "none",
    "schedule": "none",
}


def untrained_teachers(problem):
    keras.utils.set_random_seed(5)
    return {task: problem.single(task) for task in problem.tasks}


def hyper_model(epochs=2, problem=None, **arguments):
    """Counts its trainings."""

    class Counting(mtkd.tuning.DistillationHyperModel):
        trained = 0

        def fit(self, hp, model, *args, **kwargs):
            Counting.trained += 1
            return super().fit(hp, model, *args, **kwargs)

    problem = problem or tiny_problem(samples=16)
    arguments.setdefault("dimensions", ONE_PROGRAM)
    if "teachers" in arguments:
        return Counting(problem, epochs, **arguments)
    teachers = untrained_teachers(problem)
    with mock.patch("keras_mtkd.tuning.hyper_model.teacher_scores", _scores_once):
        return Counting(problem, epochs, teachers, **arguments)


_SCORES = {}


def _scores_once(teachers, tasks, data):
    """The untrained teachers of a problem are always the same, and so are their scores."""
    key = (len(data.x), *tasks)
    if key not in _SCORES:
        _SCORES[key] = teacher_scores(teachers, tasks, data)
    return _SCORES[key]


def tuner(kind, hypermodel, directory, **arguments):
    return kind(
        hypermodel,
        objective=arguments.pop("objective", hypermodel.objective()),
        directory=str(directory),
        project_name="search",
        seed=1,
        **arguments,
    )
