"""Losses to try methods on, and methods as compiled functions."""

import functools

import keras
import numpy as np

from balancing.gradient_sets import compiled
from keras_mtkd import balancing
from keras_mtkd.balancing.registry import names_of

TASKS = 3
EXAMPLES = {
    "fixed": balancing.FixedWeights([1.0, 0.5, 2.0]),
    "otw": balancing.OnlineTaskWeighting([0.5, 1.0, 2.0]),
    "stch": balancing.STCH(mu=0.5, warmup_epochs=1),
}


def methods():
    """One of every kind, by name."""
    return {
        name: EXAMPLES.get(name) or balancing.get(name)
        for name in names_of(balancing.LossWeighting)
    }


def losses(seed, steps=1, tasks=TASKS):
    """Random losses `(steps, tasks)` from 0.01 to 10."""
    return 10 ** np.random.default_rng(seed).uniform(-2, 1, (steps, tasks)).astype("float32")


@functools.cache
def _compiled_step(method):
    return compiled(method.step)


def step(method, values, state):
    """`method.step` from a compiled function, in NumPy."""
    return _compiled_step(method)(np.asarray(values, "float32"), state)


def start(method, tasks=TASKS):
    """The initial state in NumPy."""
    return keras.tree.map_structure(keras.ops.convert_to_numpy, method.initial_state(tasks))


def after_epochs(method, epochs, logs=None, state=None):
    """Weights in every epoch's last step, and the state after all; an epoch is `(steps, tasks)`."""
    state, seen = start(method) if state is None else state, []
    for number, epoch in enumerate(epochs):
        for values in epoch:
            weights, state = step(method, values, state)
        state = method.end_epoch(state, logs and logs[number])
        seen.append(weights)
    return seen, state
