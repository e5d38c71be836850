"""One optimiser for the student, another for the adaptors."""

from collections.abc import Iterable

import keras


def two_optimizers(
    student: keras.optimizers.Optimizer,
    adaptors: keras.optimizers.Optimizer,
    layers: Iterable[keras.layers.Layer],
) -> keras.optimizers.Optimizer:
    """An optimiser that gives the variables of `layers` to `adaptors` and the rest to `student`."""
    theirs = {id(variable) for layer in layers for variable in layer.variables}
    return keras.optimizers.MultiOptimizer(
        lambda variable: adaptors if id(variable) in theirs else student
    )
