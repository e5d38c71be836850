"""1, 2 and 4 replicas give the same losses and weights."""

import functools

import keras
import numpy as np
import pytest
from helpers import snapshot, toy_data, toy_losses, toy_model, toy_teachers
from replicas import eagerly, on_replicas

import keras_mtkd as mtkd

pytestmark = pytest.mark.traced


def ways():
    regularizer = keras.regularizers.L2(0.1)
    features = mtkd.FeatureDistillation("features", adaptor_regularizer=regularizer)
    return [features, mtkd.LogitDistillation()]


def trained(cache=None):
    """Six steps of 16 samples."""
    keras.utils.set_random_seed(1)
    x, y = toy_data(samples=48)
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
    history = model.fit(data, epochs=2, verbose=0, shuffle=False).history
    return history, [*snapshot(model.student), *(np.array(v) for v in model.optimizer.variables)]


@functools.cache
def alone():
    """What one device gives, once for all numbers of replicas."""
    with eagerly():
        return trained()


def same(one, other, **tolerance):
    assert one[0].keys() == other[0].keys()
    for name, values in one[0].items():
        np.testing.assert_allclose(values, other[0][name], **tolerance, err_msg=name)
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_allclose(a, b, **tolerance)


@pytest.mark.parametrize("replicas", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_live_teachers(replicas):
    same(alone(), on_replicas(replicas, trained), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("replicas", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_cached_teachers(replicas, tmp_path):
    cached = on_replicas(replicas, lambda: trained(cache=tmp_path))
    same(alone(), cached, rtol=1e-5, atol=1e-5)
