"""Distil only where it pays: the positions that the student, or the teacher, is unsure of."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.keras_compat import get_keras_mask, set_keras_mask
from keras_mtkd._backend.types import LossLike, Tensor
from keras_mtkd._storage.arguments import pack
from keras_mtkd.losses._get import get
from keras_mtkd.losses._typed_loss import TypedLoss
from keras_mtkd.losses.positions import both_masks, fit_mask, spread_weights
from keras_mtkd.losses.soften import log_probability
from keras_mtkd.losses.weigh import reduce_values

METRICS = ("student_entropy", "teacher_entropy", "distance")


@mtkd_export("keras_mtkd.losses.SelectPositions")
class SelectPositions(TypedLoss):
    """A distance at the share of the positions where a metric is largest, and 0 elsewhere.

    Positions are those of a sample's class predictions: pixels, tokens. Predictions without
    positions, `(batch, classes)`, are selected among the samples of the batch. The value is the
    mean over the selected positions.

    Positions that the student's Keras mask leaves out, or whose weight is 0, are never selected,
    and the share is one of the others. As in other losses, what is left out by weights makes the
    value smaller, and what is left out by a mask does not.

    Call arguments:
        y_true: Teacher predictions `(batch, ..., classes)`.
        y_pred: Student predictions, same shape.
        sample_weight: Optional, `(batch,)` or `(batch, ...)`.

    Args:
        loss: The distance, as in `losses.get`; it must give a value a position.
        fraction: Share to keep, in (0, 1]. Ties at the threshold are all kept.
        metric: `"student_entropy"`, `"teacher_entropy"`, or `"distance"`, the value itself.
        from_logits: False where predictions are probabilities.
        reduction: As in `keras.losses.Loss`; `None` gives `(batch, ...)`.
        name: Name of the loss.
        dtype: Computation dtype, by default that of `loss`.

    Raises:
        ValueError: If `fraction` or `metric` make no sense.

    Source: the position axis of SE-KD, as described for its released code: the 20 % of the
    positions with the largest student entropy.
    """

    def __init__(
        self,
        loss: LossLike = "logit_kl",
        fraction: float = 0.2,
        metric: str = "student_entropy",
        from_logits: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "select_positions",
        dtype: Any = None,
    ) -> None:
        self.loss = get(loss)
        super().__init__(name=name, reduction=reduction, dtype=dtype or self.loss.dtype)
        if not 0.0 < fraction <= 1.0:
            raise ValueError(f"`fraction` must lie in (0, 1]. Received: fraction={fraction}.")
        check_choice("metric", metric, METRICS)
        self.fraction, self.metric = float(fraction), metric
        self.from_logits = from_logits

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        mask = get_keras_mask(y_pred)
        y_true, y_pred = (ops.convert_to_tensor(each, self.dtype) for each in (y_true, y_pred))
        values = self.loss.call(y_true, y_pred)
        weight = None
        if sample_weight is not None:
            weight = spread_weights(ops.convert_to_tensor(sample_weight, self.dtype), values)
        if mask is not None:
            mask = fit_mask(mask, values)
        mask = both_masks(mask, get_keras_mask(values))
        values = self._at_selected(y_true, y_pred, values, _eligible(mask, weight))
        if mask is not None:
            set_keras_mask(values, mask)
        return reduce_values(self, values, weight)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        values = self.loss.call(y_true, y_pred)
        return self._at_selected(y_true, y_pred, values, get_keras_mask(values))

    def _at_selected(
        self, y_true: Tensor, y_pred: Tensor, values: Tensor, eligible: Tensor | None
    ) -> Tensor:
        """Values at the selected positions, scaled so that the mean is theirs, and 0 elsewhere."""
        if eligible is None:
            eligible = ops.ones_like(values, dtype="bool")
        scores = self._scores(y_true, y_pred, values)
        kept = ops.stop_gradient(self._selected(scores, eligible))
        count = ops.maximum(ops.sum(ops.cast(eligible, "float32")), 1.0)
        share = ops.maximum(ops.sum(kept) / count, keras.config.epsilon())
        return ops.where(kept > 0, values, 0.0) / ops.cast(share, values.dtype)

    def _scores(self, teacher: Tensor, student: Tensor, values: Tensor) -> Tensor:
        if self.metric == "distance":
            return values
        predictions = student if self.metric == "student_entropy" else teacher
        logits = predictions if self.from_logits else log_probability(predictions)
        log_p = ops.log_softmax(logits, axis=-1)
        return -ops.sum(ops.exp(log_p) * log_p, axis=-1)

    def _selected(self, scores: Tensor, eligible: Tensor) -> Tensor:
        """1 at the largest scores of every sample, or of the batch, and 0 elsewhere."""
        shape = ops.shape(scores)
        form = (shape[0], -1) if len(scores.shape) > 1 else (1, -1)
        eligible = ops.reshape(eligible, form)
        rows = ops.where(eligible, ops.reshape(scores, form), -float("inf"))
        count = ops.sum(ops.cast(eligible, "float32"), axis=-1, keepdims=True)
        kept = ops.maximum(ops.round(self.fraction * count), 1.0)
        place = ops.shape(rows)[1] - ops.cast(kept, "int32")
        threshold = ops.take_along_axis(ops.sort(rows, axis=-1), place, axis=-1)
        chosen = ops.logical_and(rows >= threshold, eligible)
        return ops.reshape(ops.cast(chosen, "float32"), shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "loss": pack(self.loss),
            "fraction": self.fraction,
            "metric": self.metric,
            "from_logits": self.from_logits,
        }


def _eligible(mask: Tensor | None, weight: Tensor | None) -> Tensor | None:
    """Where there is something to select."""
    return both_masks(mask, None if weight is None else weight > 0)
