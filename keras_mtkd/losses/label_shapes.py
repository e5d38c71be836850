"""Shapes and dtypes of labels, against what a task's head gives."""

from typing import Any

import numpy as np

from keras_mtkd._backend.types import Shape
from keras_mtkd._data.read_labels import AS_NUMBERS, is_text
from keras_mtkd.losses.kinds import ALIKE, CLASS, NUMBERS, kind_of
from keras_mtkd.losses.labelled import ignored_class

_ONE_HOT = (
    " If they are one-hot, give their classes, `labels.argmax({axis})`, or keep them and take the "
    "loss `keras.losses.CategoricalCrossentropy`, with the same `from_logits`."
)


def check_shapes(task: str, labels: np.ndarray, output: Shape, loss: Any) -> None:
    """Refuse labels that a task's loss cannot compare with what the head gives.

    Args:
        task: The task.
        labels: `(batch, ...)`.
        output: Shape of the head's predictions, `None` where any length will do.
        loss: The task's loss.

    Raises:
        ValueError: If they are no numbers, NaN, of another shape, or classes that the head does
            not have.
    """
    if labels.dtype.kind not in "biuf" and labels.dtype.name != "bfloat16":
        raise ValueError(
            f"Task '{task}': labels must be numbers. Received dtype {labels.dtype}. "
            + (
                AS_NUMBERS.format(task=task)
                if is_text(labels)
                else "`keras_mtkd.datasets.mask_missing` makes numbers and weights of labels with "
                "gaps."
            )
        )
    if labels.ndim == 0:
        raise ValueError(
            f"Task '{task}': the labels are one number, where a batch has one for every sample. "
            "Batch the data set, as `data.batch(32)` of a `tf.data.Dataset`."
        )
    if len(labels) == 0:
        raise ValueError(f"Task '{task}': the data set is empty, its labels have length 0.")
    if not getattr(loss, "leaves_out_nan", False) and np.isnan(labels.astype("float32")).any():
        raise ValueError(
            f"Task '{task}': {int(np.isnan(labels.astype('float32')).sum())} labels are NaN, "
            "which would make every weight NaN. Give missing labels any finite value and weight "
            "0: `(x, y, {task: sample_weight})`. `keras_mtkd.datasets.mask_missing` does both."
        )
    # Only a user's own loss knows which labels it takes.
    kind = kind_of(loss)
    if kind.labels == NUMBERS:
        _check_classes(task, labels, output, kind.axis, ignored_class(loss))
    elif kind.labels == ALIKE and not _fits(labels.shape, output):
        raise ValueError(
            f"Task '{task}': labels have shape {labels.shape}, the head gives {output}. "
            f"The loss '{loss.name}' compares them element by element."
            + (" Use one-hot labels or a sparse loss." if kind.predicts == CLASS else "")
        )


def _check_classes(
    task: str, labels: np.ndarray, output: Shape, axis: int, ignored: int | None
) -> None:
    positions = tuple(np.delete(np.array(output, object), axis))
    classes = output[axis]
    sparse = labels.shape
    if len(sparse) == len(output) and sparse[axis] == 1:
        sparse = tuple(np.delete(sparse, axis).tolist())
    if not _fits(sparse, positions):
        raise ValueError(
            f"Task '{task}': class labels have shape {labels.shape}, the head gives {output}; "
            f"expected one class index for every position, shape {('batch', *positions[1:])}."
            + (_ONE_HOT.format(axis=axis) if _fits(labels.shape, output) and classes != 1 else "")
        )
    if labels.dtype.kind == "f" and (labels != np.round(labels)).any():
        raise ValueError(
            f"Task '{task}': class labels must be whole numbers. Received dtype {labels.dtype} "
            f"with values such as {labels[labels != np.round(labels)][0]}."
        )
    counted = labels if ignored is None else labels[labels != ignored]
    if classes is not None and counted.size and counted.max() >= classes:
        raise ValueError(
            f"Task '{task}': the head has {classes} classes, but a label is {counted.max()}. "
            f"Labels must lie in [0, {classes - 1}]."
        )


def _fits(labels: Shape, output: Shape) -> bool:
    """Whether element-wise losses can compare the shapes; either may lack a last axis of 1."""
    if len(labels) == len(output) - 1 and output[-1] == 1:
        output = output[:-1]
    elif len(labels) == len(output) + 1 and labels[-1] == 1:
        labels = labels[:-1]
    if len(labels) != len(output):
        return False
    return all(b is None or a == b for a, b in zip(labels[1:], output[1:], strict=True))
