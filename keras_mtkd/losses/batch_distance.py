"""Distances between whole batches of features rather than sample by sample."""

from abc import abstractmethod
from typing import Any

import keras
from keras import ops

from keras_mtkd._types import Tensor

_LEAST = 1e-12


class BatchDistance(keras.losses.Loss):
    """A distance that looks at how the samples of a batch lie to each other.

    Samples of weight 0 take no part, and a batch of such samples alone has distance 0. Under
    `tf.distribute` every replica compares its own part of the batch.

    Args:
        name: Name of the loss.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name, dtype="float32")

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        teacher, student = (_rows(ops.cast(each, "float32")) for each in (y_true, y_pred))
        weight = ops.ones(ops.shape(student)[:1], "float32")
        if sample_weight is not None:
            weight = ops.reshape(ops.cast(sample_weight, "float32"), (-1,))
        total = ops.sum(weight)
        value = self.between(teacher, student, weight / ops.maximum(total, _LEAST))
        value = ops.where(total > 0, value, ops.zeros_like(value))
        # Through Keras' own reduction, which knows about replicas.
        return super().__call__(ops.zeros((1,)), ops.reshape(value, (1,)))

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return y_pred

    @abstractmethod
    def between(self, teacher: Tensor, student: Tensor, weight: Tensor) -> Tensor:
        """The distance, a scalar.

        Args:
            teacher: `(batch, d)`; the widths of both may differ.
            student: `(batch, e)`.
            weight: `(batch,)`, with sum 1 unless all are 0.
        """

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


def centred(features: Tensor, weight: Tensor) -> Tensor:
    """Features without their weighted mean."""
    return features - ops.sum(features * weight[:, None], axis=0, keepdims=True)


def _rows(features: Tensor) -> Tensor:
    return ops.reshape(features, (ops.shape(features)[0], -1))
