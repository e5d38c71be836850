"""1, 2 and 4 replicas give the same losses and weights."""

import keras
import numpy as np
import pytest
from helpers import snapshot, toy_data, toy_losses, toy_model, toy_teachers
from replicas import on_replicas

import keras_mtkd as mtkd

WAYS = {
    "features": lambda: [
        mtkd.FeatureDistillation("features", adaptor_regularizer=keras.regularizers.L2(0.1))
    ],
    "predictions": lambda: [mtkd.LogitDistillation()],
}


def trained(ways, cache=None):
    """20 steps of 16 samples."""
    keras.utils.set_random_seed(1)
    x, y = toy_data(samples=80)
    data = mtkd.datasets.ArrayDataset(x, y, batch_size=16)
    teachers = toy_teachers()
    model = mtkd.MultiTaskDistiller(toy_model(), teachers, ways())
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        loss=toy_losses(),
        adaptor_optimizer=keras.optimizers.Adam(0.01),
    )
    if cache is not None:
        data = mtkd.teachers.cache(teachers, data, cache, ways(), verbose=0)
    history = model.fit(data, epochs=4, verbose=0, shuffle=False).history
    return history, snapshot(model.student)


def same(one, other, **tolerance):
    assert one[0].keys() == other[0].keys()
    for name, values in one[0].items():
        np.testing.assert_allclose(values, other[0][name], **tolerance, err_msg=name)
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_allclose(a, b, **tolerance)


@pytest.mark.parametrize("replicas", [2, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("ways", WAYS.values(), ids=WAYS.keys())
def test_live_teachers(replicas, ways):
    same(trained(ways), on_replicas(replicas, lambda: trained(ways)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("replicas", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_cached_teachers(replicas, tmp_path):
    ways = WAYS["features"]
    live = trained(ways)
    cached = on_replicas(replicas, lambda: trained(ways, cache=tmp_path))
    same(live, cached, rtol=1e-5, atol=1e-5)
