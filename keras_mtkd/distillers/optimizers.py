"""Optimisers for parts of a model: the student, the adaptors, what balancing remembers."""

from collections.abc import Iterable

import keras

Part = tuple[keras.optimizers.Optimizer, Iterable[keras.layers.Layer]]


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
