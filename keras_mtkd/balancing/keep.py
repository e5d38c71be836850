"""The optimiser that hands on values instead of gradients."""

from typing import Any

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor


@mtkd_export("keras_mtkd.balancing.Keep")
class Keep(keras.optimizers.Optimizer):
    """Takes every "gradient" for the next value of its variable.

    With it the backward half of a step hands on what the next step must know, see
    `keras_mtkd.layers.GradientBalancer`. Rates and clipping do not apply.
    """

    def __init__(self, learning_rate: float = 1.0, name: str = "keep", **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)

    def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Any) -> None:
        self.assign(variable, gradient)
