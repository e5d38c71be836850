"""What users run gives what the tests run: traced by TensorFlow, optimised by XLA on JAX.

The other tests take their steps eagerly on TensorFlow and without XLA's optimisations on JAX (see
`conftest.py`), which is worth nothing if a step then does something else.
"""

import contextlib

import keras
import numpy as np
import pytest
from helpers import BACKEND, snapshot, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.balancing import FSMTL, Balancing
from keras_mtkd.layers import Rotation

COST = np.random.default_rng(0).uniform(size=(5, 3))
QUEUE = [["b"], ["a"]]


@contextlib.contextmanager
def as_users_run_it():
    if BACKEND == "jax":
        import jax

        assert jax.config.values["jax_disable_most_optimizations"]
        jax.config.update("jax_disable_most_optimizations", False)
        yield
        jax.config.update("jax_disable_most_optimizations", True)
    else:
        import tensorflow as tf

        assert tf.config.functions_run_eagerly()
        tf.config.run_functions_eagerly(False)
        yield
        tf.config.run_functions_eagerly(True)


def with_states():
    """A student with statistics of batches and with random numbers."""
    inputs = keras.Input((6,))
    x = keras.layers.Dense(8, activation="relu", name="hidden")(inputs)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(0.3, seed=3)(x)
    x = keras.layers.Dense(8, name="features", kernel_regularizer="l2")(x)
    return keras.Model(inputs, {"a": keras.layers.Dense(3)(x), "b": keras.layers.Dense(1)(x)})


def turned():
    inputs = keras.Input((6,))
    x = keras.layers.Dense(8, name="features")(inputs)
    a, b = (Rotation(name=f"turn_{task}")(x) for task in "ab")
    return keras.Model(inputs, {"a": keras.layers.Dense(3)(a), "b": keras.layers.Dense(1)(b)})


def balanced(balancing, student=toy_model):
    """One teacher, so that one task has a distance besides its loss."""
    ways = [mtkd.FeatureDistillation("features")]
    teachers = {"a": toy_model(("a",), 5)}
    return mtkd.MultiTaskDistiller(student(), teachers, ways, balancing=balancing)


def every_distance():
    ways = [
        mtkd.FeatureDistillation("features"),
        mtkd.FeatureDistillation("hidden", tasks=["a"], loss=mtkd.losses.CKALoss()),
        mtkd.LogitDistillation(weight=0.5),
    ]
    return mtkd.MultiTaskDistiller(with_states(), toy_teachers(), ways)


def other_labels():
    inputs = keras.Input((6,))
    teacher = keras.Model(inputs, keras.layers.Dense(5, name="other")(inputs))
    way = mtkd.CrossTaskDistillation(teacher, COST, "a", epsilon=0.1)
    return mtkd.MultiTaskDistiller(toy_model(), {}, [way])


def online():
    return mtkd.OnlineKD(toy_model(), toy_teachers(), [mtkd.FeatureDistillation("features")])


def in_stages():
    """Teachers that are off for a while: the optimiser of their adaptors goes on."""
    ways = [mtkd.FeatureDistillation("features", projector="linear")]
    return mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ways)


FAMILIES = {
    "distances": every_distance,
    "stages": in_stages,
    "transport between label spaces": other_labels,
    "online": online,
    "loss weighting with a memory": lambda: balanced("famo"),
    "loss weighting that learns": lambda: balanced("uncertainty"),
    "gradients at the representation": lambda: balanced(Balancing("multibalance", "all")),
    "gradients over parameters": lambda: balanced(Balancing("cagrad", level="parameters")),
    "gradients elsewhere": lambda: balanced(FSMTL("mgda", rho=0.1)),
    "rotations": lambda: balanced("rotograd", turned),
}


def trained(make, callbacks=()):
    keras.utils.set_random_seed(4)
    model = make()
    # A momentum, so that what happens to gradients of zero is seen.
    optimizers = {"optimizer": keras.optimizers.SGD(0.05, momentum=0.9)}
    if isinstance(model, mtkd.MultiTaskDistiller):
        optimizers["adaptor_optimizer"] = keras.optimizers.Adam(0.05, weight_decay=0.1)
    model.compile(**optimizers, loss=toy_losses(), metrics={"a": ["accuracy"]})
    x, y = toy_data(samples=16)
    history = model.fit(
        x, y, batch_size=16, epochs=2, shuffle=False, verbose=0, callbacks=list(callbacks)
    ).history
    return snapshot(model), history


def stages():
    schedule = {"queue": QUEUE, "last_start": None, "waiting": (0.0, 0.0), "loss_scale": 0.0}
    return [mtkd.callbacks.SequentialDistillation("exclusive", **schedule)]


# Like another family, but dearer or with less of its own.
ALSO = ("gradients elsewhere", "loss weighting that learns")


@pytest.mark.parametrize(
    "family",
    [pytest.param(f, marks=pytest.mark.slow) if f in ALSO else f for f in FAMILIES],
)
def test_a_step_is_the_same_however_it_is_run(family):
    callbacks = stages if family == "stages" else tuple
    weights, history = trained(FAMILIES[family], callbacks())
    with as_users_run_it():
        expected, logged = trained(FAMILIES[family], callbacks())
    assert history.keys() == logged.keys()
    for name, values in logged.items():
        np.testing.assert_allclose(history[name], values, rtol=2e-4, atol=1e-6, err_msg=name)
    for one, other in zip(weights, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-5)
