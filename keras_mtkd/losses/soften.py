"""What the two prediction-level distances share: predictions to softened logits."""

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor


def check_temperature(temperature: float) -> float:
    """Return the temperature, or say why it cannot be one."""
    if not temperature > 0:
        raise ValueError(f"`temperature` must be positive. Received: temperature={temperature}.")
    return float(temperature)


def log_probability(probabilities: Tensor) -> Tensor:
    """Logarithm of probabilities, kept finite at 0 by the backend's fuzz factor."""
    return ops.log(ops.maximum(probabilities, keras.config.epsilon()))
