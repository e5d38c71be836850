"""Optimisers for parts of a model: the student, the adaptors, what balancing remembers."""

from collections.abc import Iterable
from typing import Any

import keras

from keras_mtkd._export import mtkd_export
from keras_mtkd._types import Tensor

Part = tuple[keras.optimizers.Optimizer, Iterable[keras.layers.Layer]]


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


def optimizers_by_layer(
    others: keras.optimizers.Optimizer, parts: Iterable[Part]
) -> keras.optimizers.Optimizer:
    """An optimiser that gives the variables of some layers to optimisers of their own.

    Args:
        others: For all variables that no part names.
        parts: Optimisers, each with its layers.

    Returns:
        `others` itself if no part has a variable.
    """
    theirs = {
        id(variable): optimizer
        for optimizer, layers in parts
        for layer in layers
        for variable in layer.trainable_variables
    }
    if not theirs:
        return others
    return keras.optimizers.MultiOptimizer(lambda variable: theirs.get(id(variable), others))
