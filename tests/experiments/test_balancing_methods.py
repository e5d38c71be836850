"""Methods of balancing, as they are compared."""

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.balancing._get import METHODS as KNOWN
from keras_mtkd.experiments.balancing_methods import BALANCING_METHODS
from keras_mtkd.experiments.method import Settings


@pytest.fixture(scope="module")
def problem():
    return mtkd.datasets.digits(train_size=64, validation_size=32, test_size=32, batch_size=32)


def test_every_method_can_be_compared():
    plain = {"equal", "sum", "fixed"}  # training on the plain sum, and what needs weights
    assert KNOWN.keys() - plain <= BALANCING_METHODS.keys()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["rotograd", "sequential_reptile", "cograd", "fs_mtl", "single_gradient_step"]
)
def test_those_that_need_more_than_a_gram_matrix(problem, name):
    student = BALANCING_METHODS[name].train(problem, {}, Settings(epochs=2), seed=0, verbose=0)
    rotations = [one for one in student.layers if isinstance(one, mtkd.layers.Rotation)]
    assert len(rotations) == (6 if name == "rotograd" else 0)
    for rotation in rotations:
        assert np.abs(np.array(rotation.skew)).max() > 0
    values = [np.array(variable) for variable in student.variables]
    assert all(np.isfinite(value).all() for value in values)
    keras.utils.set_random_seed(0)
    start = BALANCING_METHODS[name].student(problem)
    before, after = start.trainable_variables[0], student.trainable_variables[0]
    assert np.abs(np.array(before) - np.array(after)).max() > 0
