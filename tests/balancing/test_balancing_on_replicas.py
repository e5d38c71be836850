"""1, 2 and 4 replicas make the same update."""

import functools

import keras
import numpy as np
import pytest
from helpers import snapshot
from replicas import on_replicas

import keras_mtkd as mtkd
from balancing.linear_problem import SAMPLES, data, student
from keras_mtkd.balancing import Balancing

TASKS = {"a": 2, "c": 1}


def trained(balancing):
    """Two epochs of two steps."""
    keras.utils.set_random_seed(1)
    (x, y), (more, targets) = data(), data(1)
    x, y = np.concatenate([x, more]), {t: np.concatenate([y[t], targets[t]]) for t in TASKS}
    batches = mtkd.datasets.ArrayDataset(x, y, batch_size=SAMPLES)
    ways = [mtkd.FeatureDistillation("shared")]
    teachers = {task: student({task: units}, width=5) for task, units in TASKS.items()}
    model = mtkd.MultiTaskDistiller(student(TASKS), teachers, ways, balancing=balancing())
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        loss="mse",
        adaptor_optimizer=keras.optimizers.SGD(0.02),
    )
    history = model.fit(batches, epochs=2, verbose=0, shuffle=False).history
    return history, snapshot(model)


BALANCINGS = {
    # With a short window, so that all of the method is reached.
    "cdtt": lambda: Balancing(mtkd.balancing.CDTT(window=2)),
    "multibalance": lambda: Balancing("multibalance", "all", level="parameters"),
    "famo": lambda: Balancing("famo"),
    "fs_mtl": lambda: Balancing(mtkd.balancing.FSMTL("multibalance", rho=0.1)),
    "imtl_g": lambda: Balancing("imtl_g", level="parameters"),
    "gradnorm": lambda: Balancing("gradnorm", "hierarchical"),
    "dwa": lambda: Balancing("dwa"),
    "uncertainty": lambda: Balancing("uncertainty"),
}
SLOW, TRACED = pytest.mark.slow, pytest.mark.traced
# Every place where weights are made, on two replicas; what takes longer with the slow ones. On
# TensorFlow one step of every kind is traced, as users have it; the others cost less without.
CASES = [
    pytest.param(2, "cdtt", marks=TRACED),
    (2, "multibalance"),
    *(pytest.param(2, name, marks=SLOW) for name in list(BALANCINGS)[2:]),
    pytest.param(4, "cdtt", marks=SLOW),
    pytest.param(4, "multibalance", marks=[SLOW, TRACED]),
    pytest.param(4, "famo", marks=[SLOW, TRACED]),
]


@functools.cache
def on_one_device(name):
    return trained(BALANCINGS[name])


@pytest.mark.parametrize(("replicas", "name"), CASES)
def test_replicas_give_what_one_device_gives(replicas, name):
    balancing = BALANCINGS[name]
    history, weights = on_one_device(name)
    theirs, their_weights = on_replicas(replicas, lambda: trained(balancing))
    for key, values in history.items():
        np.testing.assert_allclose(values, theirs[key], rtol=1e-5, atol=1e-5, err_msg=key)
    for one, other in zip(weights, their_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
