"""Several replicas give what one gives."""

import keras
import numpy as np
import pytest
from helpers import snapshot, toy_data
from replicas import eagerly, on_replicas

import keras_mtkd as mtkd
from distillers.online.toy import compiled, online


def network(tasks, width):
    inputs = keras.Input((6,))
    x = keras.layers.Dense(width, "tanh", kernel_regularizer="l2", name="features")(inputs)
    units = {"a": 3, "b": 1}
    return keras.Model(inputs, {task: keras.layers.Dense(units[task])(x) for task in tasks})


def trained():
    """6 steps of 16 samples, of which 2 are warm-up."""
    keras.utils.set_random_seed(1)
    x, y = toy_data(samples=32)
    data = mtkd.datasets.ArrayDataset(x, y, batch_size=16, shuffle=False)
    model = online(network("ab", 8), {task: network(task, 5) for task in "ab"}, warmup=1)
    compiled(
        model,
        optimizer=keras.optimizers.SGD(0.05, momentum=0.9),
        adaptor_optimizer=keras.optimizers.Adam(0.01),
    )
    history = model.fit(data, epochs=3, verbose=0, shuffle=False).history
    return history, snapshot(model)


@pytest.mark.traced
@pytest.mark.parametrize("replicas", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_replicas_give_what_one_device_gives(replicas):
    with eagerly():
        expected, weights = trained()
    found, others = on_replicas(replicas, trained)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=2e-5, atol=1e-5, err_msg=name)
    for one, other in zip(weights, others, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-5)
