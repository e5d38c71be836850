"""Distances between whole batches of features rather than sample by sample."""

from abc import abstractmethod
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.keras_compat import get_keras_mask
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._positions import (
    fit_mask,
    fit_weights,
    same_positions,
    spread_weights,
    with_axes,
)
from keras_mtkd.losses._weigh import reduce_values

_LEAST = 1e-12


class BatchDistance(keras.losses.Loss):
    """A distance that looks at how the samples of a batch lie to each other.

    Samples of weight 0 take no part, and a batch of such samples alone has distance 0. Positions
    that the student's Keras mask leaves out, or whose weight is 0, take no part on either side
    where it has the same positions; a sample counts with the mean weight of the positions that the
    mask leaves it. Under `tf.distribute` every replica compares its own part of the batch.

    Args:
        name: Name of the loss.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name, dtype="float32")

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        mask = get_keras_mask(y_pred)
        teacher, student = (ops.cast(each, "float32") for each in (y_true, y_pred))
        if sample_weight is not None:
            sample_weight = ops.convert_to_tensor(sample_weight, "float32")
        weight = weight_of_samples(sample_weight, mask, student)
        total = ops.sum(weight)
        value = self.between(
            _rows(teacher),
            _rows(student),
            weight / ops.maximum(total, _LEAST),
            *(_known_entries(sample_weight, mask, each) for each in (teacher, student)),
        )
        value = ops.where(total > 0, value, ops.zeros_like(value))
        # Through Keras' own reduction, which knows about replicas.
        return reduce_values(self, ops.reshape(value, (1,)), None)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self(y_true, y_pred)

    @abstractmethod
    def between(
        self,
        teacher: Tensor,
        student: Tensor,
        weight: Tensor,
        of_teacher: Tensor | None = None,
        of_student: Tensor | None = None,
    ) -> Tensor:
        """The distance, a scalar.

        Args:
            teacher: `(batch, d)`; the widths of both may differ.
            student: `(batch, e)`.
            weight: `(batch,)`, with sum 1 unless all are 0.
            of_teacher: `(batch, d)` in bool, which entries take part; `None` for all.
            of_student: `(batch, e)`, likewise.
        """

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


def centred(features: Tensor, weight: Tensor, known: Tensor | None) -> Tensor:
    """Features without their weighted mean, and 0 where they take no part."""
    if known is None:
        return features - ops.sum(features * weight[:, None], axis=0, keepdims=True)
    features = chosen(features, known)
    mean = ops.sum(features * weight[:, None], axis=0, keepdims=True)
    return chosen(features - mean / shares(weight, known), known)


def shares(weight: Tensor, known: Tensor | None) -> Tensor | float:
    """The weight of all samples that take part, for every entry."""
    if known is None:
        return 1.0
    total = ops.sum(weight[:, None] * ops.cast(known, "float32"), axis=0, keepdims=True)
    return ops.maximum(total, _LEAST)


def chosen(features: Tensor, known: Tensor | None) -> Tensor:
    """Features that are 0 where they take no part."""
    return features if known is None else ops.where(known, features, 0.0)


def weight_of_samples(weight: Tensor | None, mask: Tensor | None, features: Tensor) -> Tensor:
    """The mean weight of every sample's positions that a mask leaves, `(batch,)`; 0 without any."""
    if mask is None and weight is not None and len(weight.shape) == 1:
        return weight
    one = features[..., 0] if len(features.shape) > 1 else features
    given = ops.ones_like(one) if weight is None else spread_weights(weight, one)
    batch = ops.shape(features)[0]
    if mask is None:
        return ops.mean(ops.reshape(given, (batch, -1)), axis=-1)
    left = ops.cast(fit_mask(mask, one), "float32")
    sums, counts = (ops.sum(ops.reshape(x, (batch, -1)), axis=-1) for x in (given * left, left))
    return sums / ops.maximum(counts, 1.0)


def _known_entries(weight: Tensor | None, mask: Tensor | None, features: Tensor) -> Tensor | None:
    """Which entries of `_rows` take part; `None` if that is all of every sample."""
    rank = len(features.shape)
    known = None
    for given in (weight, mask):
        positions = tuple(features.shape[:-1])
        if given is None or rank < 3 or not same_positions(given, positions):
            continue
        part = fit_weights(ops.cast(given, "float32"), features[..., 0]) > 0
        known = part if known is None else ops.logical_and(known, part)
    if known is None:
        return None
    return _rows(ops.logical_and(with_axes(known, rank), ops.ones_like(features, dtype="bool")))


def _rows(features: Tensor) -> Tensor:
    return ops.reshape(features, (ops.shape(features)[0], -1))
