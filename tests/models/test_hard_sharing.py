"""One head a task on one backbone."""

import keras
import numpy as np
import pytest
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.layers import Rotation
from models.small_networks import dense_layers, vector_backbone


def test_hard_sharing_refuses_what_it_cannot_use():
    backbone = tiny_problem().backbone()
    with pytest.raises(ValueError, match="at least one task"):
        mtkd.models.hard_sharing(backbone, {})
    with pytest.raises(TypeError, match="backbone must be a `keras.Model`"):
        mtkd.models.hard_sharing(keras.layers.Dense(3), {"a": keras.layers.Dense(1)})


def test_hard_sharing_takes_a_sequential_backbone():
    backbone = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="features")])
    model = mtkd.models.hard_sharing(backbone, {"a": keras.layers.Dense(2)})
    x = np.ones((1, 4), "float32")
    np.testing.assert_allclose(
        model(x)["a"], model.layers[-1](model.get_layer("features")(x)), rtol=1e-6
    )


@pytest.mark.parametrize("rotations", [False, True])
def test_heads_read_what_the_backbone_gives_or_a_rotation_each(rotations):
    heads = dense_layers()
    model = mtkd.models.hard_sharing(vector_backbone(), heads, rotations=rotations)
    assert model.name == "hard_sharing"
    found = {layer.name for layer in model.layers if isinstance(layer, Rotation)}
    assert found == ({"rotation_a", "rotation_b"} if rotations else set())
    x = np.ones((2, 6), "float32")
    shared = np.array(model.get_layer("features")(x))
    for task, out in model(x).items():
        # Nothing is turned at the start.
        np.testing.assert_allclose(out, shared @ heads[task].kernel, rtol=1e-4, atol=1e-6)
