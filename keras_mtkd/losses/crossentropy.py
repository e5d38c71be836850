"""Keras' choice between its cross-entropies."""

import keras

from keras_mtkd._backend.export import PACKAGE
from keras_mtkd._backend.types import Tensor


@keras.saving.register_keras_serializable(package=PACKAGE)
def crossentropy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """What `"crossentropy"` stands for in `keras.Model.compile`, of probabilities.

    Args:
        y_true: One answer, class numbers `(batch, ...)` or `(batch, ..., 1)`, or one-hot labels.
        y_pred: `(batch, ..., answers or classes)`: binary where there is one, else of classes.

    Returns:
        `(batch, ...)`.
    """
    if y_pred.shape[-1] == 1:
        return keras.losses.binary_crossentropy(y_true, y_pred)
    if len(y_true.shape) < len(y_pred.shape) or y_true.shape[-1] == 1:
        return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)
    return keras.losses.categorical_crossentropy(y_true, y_pred)
