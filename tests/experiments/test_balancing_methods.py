"""Methods of balancing, as they are compared."""

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from experiments.comparing import small_problem
from keras_mtkd.balancing.registry import METHODS as KNOWN
from keras_mtkd.experiments.balancing_methods import BALANCING_METHODS
from keras_mtkd.experiments.method import Settings


def test_every_method_can_be_compared():
    plain = {"equal", "sum", "fixed"}  # training on the plain sum, and what needs weights
    assert KNOWN.keys() - plain <= BALANCING_METHODS.keys()


def test_every_method_balances_a_new_student():
    problem, settings = small_problem(), Settings(epochs=2)
    teachers = {task: problem.single(task) for task in problem.tasks}
    for name, method in BALANCING_METHODS.items():
        learner = method.learner(problem, teachers, settings)
        callbacks = method.callbacks(problem, teachers, settings, 0)
        if name == "sequential_reptile":
            (reptile,) = callbacks
            assert isinstance(reptile, mtkd.callbacks.SequentialReptile)
            assert learner.balancing is None
            continue
        assert callbacks == [], name
        assert learner.balancing is not None, name
        rotated = any(isinstance(one, mtkd.layers.Rotation) for one in learner.student.layers)
        assert rotated == (name == "rotograd"), name
        assert bool(learner.distillations) == name.startswith("mokd"), name


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["rotograd", "sequential_reptile", "cograd", "fs_mtl", "single_gradient_step"]
)
def test_those_that_need_more_than_a_gram_matrix(name):
    problem = small_problem()
    student = BALANCING_METHODS[name].train(problem, {}, Settings(epochs=2), seed=0, verbose=0)
    rotations = [one for one in student.layers if isinstance(one, mtkd.layers.Rotation)]
    assert len(rotations) == (2 if name == "rotograd" else 0)
    for rotation in rotations:
        assert np.abs(np.array(rotation.skew)).max() > 0
    values = [np.array(variable) for variable in student.variables]
    assert all(np.isfinite(value).all() for value in values)
    keras.utils.set_random_seed(0)
    start = BALANCING_METHODS[name].student(problem)
    before, after = start.trainable_variables[0], student.trainable_variables[0]
    assert np.abs(np.array(before) - np.array(after)).max() > 0
