"""Distances between whole batches of features rather than sample by sample."""

from abc import abstractmethod
from typing import Any

from keras import ops

from keras_mtkd._backend.keras_compat import get_keras_mask
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._typed_loss import TypedLoss
from keras_mtkd.losses.positions import (
    fit_weights,
    same_positions,
    weight_of_samples,
    with_axes,
)
from keras_mtkd.losses.weigh import reduce_values

_LEAST = 1e-12


class BatchDistance(TypedLoss):
    """A distance that looks at how the samples of a batch lie to each other.

    Samples of weight 0 take no part, and a batch of such samples alone has distance 0. Positions
    that the student's Keras mask leaves out, or whose weight is 0, take no part on either side
    where it has the same positions; a sample counts with the mean weight of the positions that the
    mask leaves it. Under `tf.distribute` every replica compares its own part of the batch.

    There is no `reduction`: a batch has one value.

    Args:
        name: Name of the loss.
        dtype: Dtype of the features and of the value, float32 by default also under mixed
            precision; the arithmetic is in float32 or wider.
    """

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        mask = get_keras_mask(y_pred)
        # What is added up or divided by is too large or too small for float16.
        wide = "float64" if self.dtype == "float64" else "float32"
        given = (ops.convert_to_tensor(each, self.dtype) for each in (y_true, y_pred))
        teacher, student = (ops.cast(each, wide) for each in given)
        if sample_weight is not None:
            sample_weight = ops.convert_to_tensor(sample_weight, wide)
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
        config = super().get_config()
        del config["reduction"]
        return config


def centre(features: Tensor, weight: Tensor, known: Tensor | None) -> Tensor:
    """Take the weighted mean off features, which are 0 where they take no part."""
    if known is None:
        return features - ops.sum(features * weight[:, None], axis=0, keepdims=True)
    features = chosen(features, known)
    mean = ops.sum(features * weight[:, None], axis=0, keepdims=True)
    return chosen(features - mean / shares(weight, known), known)


def shares(weight: Tensor, known: Tensor | None) -> Tensor | float:
    """The weight of all samples that take part, for every entry."""
    if known is None:
        return 1.0
    total = ops.sum(weight[:, None] * ops.cast(known, weight.dtype), axis=0, keepdims=True)
    return ops.maximum(total, _LEAST)


def chosen(features: Tensor, known: Tensor | None) -> Tensor:
    """Features that are 0 where they take no part."""
    return features if known is None else ops.where(known, features, 0.0)


def _known_entries(weight: Tensor | None, mask: Tensor | None, features: Tensor) -> Tensor | None:
    """Which entries of `_rows` take part; `None` if that is all of every sample."""
    rank = len(features.shape)
    known = None
    for given in (weight, mask):
        positions = tuple(features.shape[:-1])
        if given is None or rank < 3 or not same_positions(given, positions):
            continue
        part = fit_weights(ops.cast(given, features.dtype), features[..., 0]) > 0
        known = part if known is None else ops.logical_and(known, part)
    if known is None:
        return None
    return _rows(ops.logical_and(with_axes(known, rank), ops.ones_like(features, dtype="bool")))


def _rows(features: Tensor) -> Tensor:
    return ops.reshape(features, (ops.shape(features)[0], -1))
