"""Where labels are, by what a task's loss and its weights say."""

from functools import partial
from typing import Any

from keras import ops

from keras_mtkd._backend.keras_compat import arguments_of
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.positions import fit_mask


def labelled_positions(loss: Any, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
    """Where a label is none that the loss leaves out; `None` if it leaves out no label.

    Losses of Keras leave out an `ignore_class`; others that have a method `labelled` tell by it.

    Args:
        loss: The task's loss.
        y_true: Labels.
        y_pred: Predictions, `(batch, ..., classes or channels)`.

    Returns:
        `(batch, ...)` in bool.
    """
    tells = getattr(loss, "labelled", None)
    if callable(tells):
        return tells(y_true, y_pred)
    ignored = ignored_class(loss)
    if ignored is None:
        return None
    labels = ops.convert_to_tensor(y_true)
    if len(labels.shape) == len(y_pred.shape) and labels.shape[-1] == 1:
        labels = ops.squeeze(labels, axis=-1)
    return ops.not_equal(ops.cast(labels, "int32"), int(ignored))


def ignored_class(loss: Any) -> int | None:
    """The `ignore_class` of a loss or metric, `None` without one."""
    stated = arguments_of(loss).get("ignore_class", getattr(loss, "ignore_class", None))
    fn = getattr(loss, "fn", None)
    while stated is None and isinstance(fn, partial):
        stated, fn = fn.keywords.get("ignore_class"), fn.func
    return stated


def any_labelled(loss: Any, y_true: Tensor, y_pred: Tensor, weight: Tensor | None) -> Tensor:
    """Whether a batch has a label at all: one that counts, with a weight that is not 0."""
    counted = labelled_positions(loss, y_true, y_pred)
    if weight is not None:
        weighed = ops.not_equal(weight, 0)
        if counted is not None:
            weighed = ops.logical_and(counted, fit_mask(weighed, counted))
        counted = weighed
    return ops.convert_to_tensor(True) if counted is None else ops.any(counted)
