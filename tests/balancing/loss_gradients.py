"""Gradients of a weighted objective at one place."""

import numpy as np
from keras import ops

from keras_mtkd._backend.autodiff import compiled_gradient

SCALES = np.array([0.1, 1.0, 20.0])
AT = np.array([0.3, -0.4, 0.2])


def losses_at(x):
    """Losses that depend on all parameters."""
    return SCALES * np.exp(x) * (1 + np.sum(x * x))


def gradient_of_objective(method, state):
    """Of `Σ wᵢ Lᵢ + penalty` with respect to the parameters that the losses come from."""
    scales = SCALES.astype("float32")

    def objective(x):
        values = scales * ops.exp(x) * (1 + ops.sum(x * x))
        weights, new = method.step(values, state)
        return ops.sum(weights * values) + method.penalty(new)

    at = ops.convert_to_tensor(AT.astype("float32"))
    return ops.convert_to_numpy(compiled_gradient(objective)(at))
