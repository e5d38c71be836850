"""The callbacks of SCD on several replicas: `tf.distribute` and `keras.distribution`."""

import numpy as np
import pytest
from replicas import eagerly, on_replicas

from callbacks.three_tasks import distiller, fit
from keras_mtkd.callbacks import SequentialDistillation, SimilarityGrouping

TIGHT = {"rtol": 1e-5, "atol": 1e-5}


def trained(epochs=6, until=None, validation=True, **schedule):
    model = distiller()
    callbacks = [
        SimilarityGrouping(n_blocks=3),
        SequentialDistillation(last_start=None, **schedule),
    ]
    history = fit(model, *callbacks, epochs=epochs, until=until, validation=validation)
    return model, history


ADAPTIVE = {"stages": "adaptive", "patience": 1, "until": 4}
WITH_TRIAL = {"epochs": 10, "until": 5, "validation": False}  # into the second stage
slow = pytest.mark.slow


@pytest.mark.traced
@pytest.mark.parametrize(
    ("replicas", "schedule"),
    [
        (2, ADAPTIVE),
        (2, WITH_TRIAL),
        pytest.param(2, {}, marks=slow),
        pytest.param(2, {"mode": "cycle"}, marks=slow),
        pytest.param(4, {}, marks=slow),
        pytest.param(4, WITH_TRIAL, marks=slow),
        pytest.param(4, ADAPTIVE, marks=slow),
    ],
)
def test_replicas_give_what_one_device_gives(replicas, schedule):
    with eagerly():
        alone, expected = trained(**schedule)
    shared, found = on_replicas(replicas, lambda: trained(**schedule))
    assert shared.blocks == alone.blocks
    assert shared.queue == alone.queue
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, err_msg=name, **TIGHT)
    for one, other in zip(alone.student.weights, shared.student.weights, strict=True):
        np.testing.assert_allclose(np.array(other), np.array(one), **TIGHT)
