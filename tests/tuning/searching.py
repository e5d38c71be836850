"""A small search that several tests run."""

import keras
from helpers import BACKEND
from problems import tiny_problem

import keras_mtkd as mtkd

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


def untrained_teachers(problem):
    keras.utils.set_random_seed(5)
    return {task: problem.single(task) for task in problem.tasks}


def hyper_model(epochs=2, problem=None, **arguments):
    """On TensorFlow steps are not compiled: most of such a short trial would be compiling."""

    class Eager(mtkd.tuning.DistillationHyperModel):
        trained = 0

        def build(self, hp):
            model = super().build(hp)
            model.run_eagerly = BACKEND == "tensorflow"
            return model

        def fit(self, hp, model, *args, **kwargs):
            Eager.trained += 1
            return super().fit(hp, model, *args, **kwargs)

    problem = problem or tiny_problem(samples=16)
    arguments.setdefault("teachers", untrained_teachers(problem))
    return Eager(problem, epochs, **arguments)


def tuner(kind, hypermodel, directory, **arguments):
    return kind(
        hypermodel,
        objective=arguments.pop("objective", hypermodel.objective()),
        directory=str(directory),
        project_name="search",
        seed=1,
        **arguments,
    )
