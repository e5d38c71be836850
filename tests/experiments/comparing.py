"""One small comparison, of which tests take what they need."""

from functools import partial

from problems import tiny_problem

from keras_mtkd.experiments import Settings, compare

small_problem = partial(tiny_problem, samples=16, batch=16)
SETTINGS = Settings(epochs=2, learning_rate=1e-2)
WITH_SCD = ("single", "uniform", "scd")


def run(directory=None, methods=("single", "uniform", "mtlkd", "logits"), seeds=(0,), **changes):
    problem = changes.pop("problem", None) or small_problem()
    return compare(problem, methods, seeds, directory, **{"settings": SETTINGS, **changes})
