import keras
import numpy as np
import pytest
from helpers import gradient, numeric_gradient

import keras_mtkd as mtkd

FEATURES = np.random.default_rng(0).normal(size=(7, 4))


def outside(features, rank):
    """Energy outside the leading singular directions, a sample."""
    return np.sum(np.linalg.svd(features, compute_uv=False)[rank:] ** 2) / len(features)


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_value_and_gradient(rank):
    penalty = mtkd.SpectralRegularizer(rank, factor=0.5)
    found = float(penalty(FEATURES.astype("float32")))
    assert found == pytest.approx(0.5 * outside(FEATURES, rank), abs=1e-5)
    slopes = numeric_gradient(lambda values: 0.5 * outside(values, rank), FEATURES)
    np.testing.assert_allclose(gradient(penalty, FEATURES), slopes, rtol=1e-2, atol=1e-4)


@pytest.mark.traced
def test_training_lowers_the_rank():
    inputs = keras.Input((4,))
    penalty = mtkd.SpectralRegularizer(1, factor=10.0)
    outputs = keras.layers.Dense(3, activity_regularizer=penalty)(inputs)
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(0.05), "mse")
    x = FEATURES.astype("float32")
    before = outside(np.array(model(x)), 1)
    batches = np.tile(x, (60, 1)), np.tile(np.array(model(x)), (60, 1))
    model.fit(*batches, batch_size=len(x), shuffle=False, verbose=0)
    assert outside(np.array(model(x)), 1) < 0.1 * before


def test_config():
    penalty = mtkd.SpectralRegularizer(3, factor=0.1)
    config = keras.saving.serialize_keras_object(penalty)
    assert keras.saving.deserialize_keras_object(config).get_config() == penalty.get_config()


@pytest.mark.parametrize("arguments", [{"rank": 0}, {"rank": 1, "factor": -1.0}], ids=str)
def test_refusals(arguments):
    with pytest.raises(ValueError, match=r"`(rank|factor)` must"):
        mtkd.SpectralRegularizer(**arguments)
