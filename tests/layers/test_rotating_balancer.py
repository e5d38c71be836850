"""Rotations get their gradients where representations do, against finite differences."""

import keras
import numpy as np
import pytest
from helpers import numeric_gradient

from keras_mtkd.balancing import RotoGrad
from keras_mtkd.layers import Rotation
from keras_mtkd.layers.rotating_balancer import RotatingBalancer

CHANNELS, TURNED = 4, 3
GENERATOR = np.random.default_rng(0)


def rotations(count=2):
    made = [Rotation(TURNED, name=f"turn{number}") for number in range(count)]
    for rotation in made:
        rotation.build((None, CHANNELS))
        rotation.skew.assign(0.3 * GENERATOR.normal(size=(TURNED, TURNED)))
    return made


def matrix(skew):
    half = (skew - skew.T) / 2
    return np.linalg.solve(np.eye(TURNED) - half, np.eye(TURNED) + half)


def test_gradients_of_the_rotations():
    turned = rotations()
    layer = RotatingBalancer(RotoGrad(), 2, rotations=turned)
    sent = GENERATOR.normal(size=(2, 5, CHANNELS)).astype("float32")
    gram = np.einsum("ibc,jbc->ij", sent, sent)
    found = layer.gradients_of_trained(layer.also_trained(), list(sent), gram)
    # What is turned to is the mean of gradients that all have the length of their mean.
    length = np.linalg.norm(sent.mean(axis=0))
    target = np.mean([length * each / np.linalg.norm(each) for each in sent], axis=0)[:, :TURNED]
    for rotation, one, slope in zip(turned, sent, found, strict=True):
        skew = np.array(rotation.skew, "float64")
        after = one[:, :TURNED] @ matrix(skew).T

        def loss(skew, after=after):
            return np.mean(np.sum((target @ matrix(skew).T - after) ** 2, axis=-1))

        np.testing.assert_allclose(slope, numeric_gradient(loss, skew), rtol=1e-2, atol=1e-4)


def test_rotations_are_not_its_own():
    turned = rotations()
    layer = RotatingBalancer(RotoGrad(), 2, rotations=turned)
    assert layer.rotations == turned
    owned = {id(variable) for variable in layer.variables}
    assert not owned & {id(rotation.skew) for rotation in turned}


def test_config_has_a_rotation_an_objective():
    layer = RotatingBalancer(RotoGrad(learning_rate=0.5), 2, True, rotations=rotations())
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert [one.name for one in again.rotations] == ["turn0", "turn1"]
    assert again.method.learning_rate == 0.5
    assert again.plain


@pytest.mark.parametrize("count", [1, 3])
def test_one_rotation_an_objective(count):
    with pytest.raises(ValueError, match=f"one rotation an objective, 2. Received: {count}"):
        RotatingBalancer(RotoGrad(), 2, rotations=rotations(count))
