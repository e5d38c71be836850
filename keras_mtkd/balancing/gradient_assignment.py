"""The optimiser that hands on values instead of gradients."""

from typing import Any

import keras

from keras_mtkd._backend.export import mtkd_saved, saved_before_as
from keras_mtkd._backend.types import Tensor


@saved_before_as("Keep")
@mtkd_saved
class GradientAssignment(keras.optimizers.Optimizer):
    """Takes every "gradient" for the next value of its variable.

    With it the backward half of a step hands on what the next step must know, see
    `GradientBalancer`. Rates and clipping do not apply.
    """

    def __init__(self, learning_rate: float = 1.0, name: str = "keep", **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)

    def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Any) -> None:
        self.assign(variable, gradient)
