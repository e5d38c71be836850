"""What metrics of Keras take predictions for, probabilities or logits, and which labels they want.

Keras leaves that to the user, with wrong values and no word: `"accuracy"` of yes and no takes what
is above 0.5 for a yes, also where predictions are logits.
"""

from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.keras_compat import get_keras_mask, set_keras_mask
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.forms import logits_of, probabilities_of
from keras_mtkd.losses.kinds import BINARY, CLASS, NUMBERS, LossKind, kind_of

_COUNTS = (
    keras.metrics.FalseNegatives,
    keras.metrics.FalsePositives,
    keras.metrics.Precision,
    keras.metrics.Recall,
    keras.metrics.TrueNegatives,
    keras.metrics.TruePositives,
)
_AT_A_POINT = (
    keras.metrics.PrecisionAtRecall,
    keras.metrics.RecallAtPrecision,
    keras.metrics.SensitivityAtSpecificity,
    keras.metrics.SpecificityAtSensitivity,
)
_CROSSENTROPIES = (
    keras.metrics.BinaryCrossentropy,
    keras.metrics.CategoricalCrossentropy,
    keras.metrics.SparseCategoricalCrossentropy,
)
# Metrics of Keras that flatten predictions and count at thresholds.
CONFUSIONS = (keras.metrics.AUC, *_AT_A_POINT, *_COUNTS)
# A class a column: of labels as of predictions.
_ONE_HOT = (keras.metrics.FBetaScore, *CONFUSIONS)


def reads_logits(metric: keras.metrics.Metric) -> bool | None:
    """Whether a metric of Keras takes predictions for logits, or for probabilities.

    A threshold of 0 is one of logits. A user's own metric, also one that inherits from Keras', is
    taken to read what the head gives, unless it says otherwise by an attribute `reads_logits`.

    Args:
        metric: The metric.

    Returns:
        `None` where it is all one: means of distances, largest classes.
    """
    stated = getattr(metric, "reads_logits", None)
    if isinstance(stated, bool) or not of_keras(metric):
        return stated
    if isinstance(metric, (keras.metrics.AUC, *_CROSSENTROPIES)):
        return bool(metric.get_config()["from_logits"])
    if isinstance(metric, _AT_A_POINT):
        return False
    if isinstance(metric, keras.metrics.BinaryAccuracy | keras.metrics.BinaryIoU):
        return not metric.threshold > 0
    if isinstance(metric, keras.metrics.FBetaScore):
        return None if metric.threshold is None else False
    if isinstance(metric, _COUNTS):
        if getattr(metric, "top_k", None) is not None:
            return None
        return list(metric.thresholds) == [0]
    return None


def of_keras(metric: Any) -> bool:
    """Whether a metric is one of Keras itself."""
    return type(metric).__module__.split(".")[0] == "keras"


def form_of(loss: Any, classes: int | None = None) -> LossKind | None:
    """How a task's loss reads predictions, `None` where those are no classes and no answers.

    Args:
        loss: The loss.
        classes: The last axis of the predictions.
    """
    form = kind_of(loss, classes)
    told = form.predicts in (CLASS, BINARY) and form.from_logits is not None
    return form if told else None


def in_form(
    metric: keras.metrics.Metric,
    reads: bool | None,
    loss: Any,
    y_true: Tensor,
    y_pred: Tensor,
) -> tuple[Tensor, Tensor]:
    """Labels and predictions as a metric of Keras reads them, where the loss reads otherwise.

    Args:
        metric: The metric.
        reads: Whether it reads logits, as `reads_logits` says.
        loss: The task's loss, or `None`.
        y_true: Labels.
        y_pred: Predictions `(batch, ..., classes or answers)`, as the loss reads them.

    Returns:
        `(y_true, y_pred)`.
    """
    form = None if loss is None else form_of(loss, y_pred.shape[-1] if y_pred.shape else None)
    if form is None:
        return y_true, y_pred
    if reads is not None and reads != form.from_logits:
        mask = get_keras_mask(y_pred)
        if reads:
            y_pred = logits_of(y_pred, form.predicts)
        else:
            y_pred = probabilities_of(y_pred, form.predicts, form.axis)
        if mask is not None:
            set_keras_mask(y_pred, mask)
    numbers = form.predicts == CLASS and form.labels == NUMBERS
    if numbers and of_keras(metric) and isinstance(metric, _ONE_HOT):
        y_true = _one_hot(y_true, y_pred)
    return y_true, y_pred


def _one_hot(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Numbers of classes as columns; a number that is none, where no label is known, has none."""
    if len(y_true.shape) == len(y_pred.shape):
        y_true = ops.squeeze(y_true, axis=-1)
    return ops.one_hot(ops.cast(y_true, "int32"), y_pred.shape[-1], dtype="float32")
