"""Values of labels that a task's loss cannot mean, such as -1 where there is no label."""

from typing import Any

import numpy as np

from keras_mtkd.losses.kinds import ALIKE, BINARY, CLASS, NUMBERS, kind_of
from keras_mtkd.losses.labelled import ignored_class

# A subclass of a user's may know what to do with any value.
_KNOWN = ("keras", "keras_mtkd")


def check_values(task: str, labels: np.ndarray, loss: Any, weight: Any = None) -> None:
    """Refuse labels that count and that the task's loss has no meaning for.

    Negative classes are samples without loss on JAX and an error on TensorFlow. A cross-entropy of
    a label below 0 falls for ever, the surer a model is of the other answer.

    Args:
        task: The task.
        labels: `(batch, ...)`.
        loss: Its loss; one of the user's own, also a subclass, may take any labels.
        weight: Weights of samples or positions, `(batch,)` or `(batch, ...)`; what weighs nothing
            may have any value.

    Raises:
        ValueError: If such labels are negative, or those for yes and no are neither 0 nor 1 nor
            anything about between.
    """
    if type(loss).__module__.split(".")[0] not in _KNOWN:
        return
    kind = kind_of(loss)
    if kind.labels == NUMBERS:
        _refuse_negative(task, labels, ignored_class(loss), weight)
    elif kind.labels == ALIKE and kind.predicts == BINARY:
        # With room for what resizing a mask makes of 0 and 1.
        _refuse(task, labels, (labels < -0.5) | (labels > 1.5), weight, loss)
    elif kind.labels == ALIKE and kind.predicts == CLASS:
        _refuse(task, labels, labels < -0.5, weight, loss)


def _refuse_negative(task: str, labels: np.ndarray, ignored: int | None, weight: Any) -> None:
    negative = labels < 0 if ignored is None else (labels < 0) & (labels != ignored)
    if (wrong := _counted(labels, negative, weight)).size:
        lacking = "have no weights" if weight is None else "have weights that are not 0"
        raise ValueError(
            f"Task '{task}': {wrong.size} class labels are negative, such as {wrong[0]}, and "
            f"{lacking}. If they are missing, let `keras_mtkd.datasets.mask_missing` give them the "
            "weight 0 (of whole numbers it takes negative ones for missing), or the loss an "
            "`ignore_class`."
        )


def _refuse(task: str, labels: np.ndarray, bad: np.ndarray, weight: Any, loss: Any) -> None:
    if (wrong := _counted(labels, bad, weight)).size:
        raise ValueError(
            f"Task '{task}': {wrong.size} labels are values such as {wrong[0]}, where the loss "
            f"'{loss.name}' takes 0 for no, 1 for yes, and what lies between. If they stand for "
            "missing labels, their weight has to be 0: `keras_mtkd.datasets.mask_missing` gives "
            "it to -1 among whole numbers, to NaN, and by `missing=` or `masks=`. If they are "
            "labels, bring them to 0 and 1."
        )


def _counted(labels: np.ndarray, where: np.ndarray, weight: Any) -> np.ndarray:
    """Those of some labels that weigh anything; weights of other positions hold for a sample."""
    if weight is None or not where.any():
        return labels[where]
    counts = np.asarray(weight) != 0
    if counts.ndim > labels.ndim:
        counts = counts.any(axis=tuple(range(labels.ndim, counts.ndim)))
    own = counts.shape[1:]
    if any(one not in (1, other) for one, other in zip(own, labels.shape[1:], strict=False)):
        counts = counts.any(axis=tuple(range(1, counts.ndim)))
    counts = counts.reshape(counts.shape + (1,) * (labels.ndim - counts.ndim))
    return labels[where & counts]
