"""Checks that run before training, with messages that name the task."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_mtkd._graphs import graph_ends, is_graph
from keras_mtkd._types import Shape
from keras_mtkd.probe import batches as read
from keras_mtkd.taps import require_functional

_ONE_HOT_LOSSES = ("categorical_crossentropy", "categorical_focal_crossentropy")


def check_student(student: Any) -> None:
    """Refuse anything but a functional model with a flat dict of outputs.

    Raises:
        TypeError: If it is no Keras model.
        ValueError: If it is not functional or its outputs are not `{task: tensor}`.
    """
    require_functional(student, "student")
    _, outputs = graph_ends(student)
    if not isinstance(outputs, Mapping) or any(map(keras.tree.is_nested, outputs.values())):
        raise ValueError(
            "The student's outputs must be a dict, `{task: tensor}`. "
            f"Received outputs of type {type(outputs).__name__} from '{student.name}'. "
            "Build it with `keras_mtkd.models.hard_sharing`, or with "
            "`keras.Model(inputs, {'task': tensor, ...})`."
        )


def check_teachers(student: keras.Model, teachers: Any) -> None:
    """Refuse teachers that cannot teach this student.

    Raises:
        TypeError: If `teachers` is no dict of Keras models.
        ValueError: If a teacher belongs to no task, gives another task alone, or shares weights
            with the student.
    """
    if not isinstance(teachers, Mapping):
        raise TypeError(
            "`teachers` must be a dict, `{task: keras.Model}`. "
            f"Received: {type(teachers).__name__}."
        )
    students = {id(variable) for variable in student.variables}
    for task, teacher in teachers.items():
        if task not in student.output:
            raise ValueError(
                f"There is a teacher for '{task}', which is not a task of the student. "
                f"Its tasks: {list(student.output)}."
            )
        if not isinstance(teacher, keras.Model):
            raise TypeError(
                f"The teacher of '{task}' must be a `keras.Model`. Received: {teacher!r}."
            )
        check_output_name(f"teacher of '{task}'", task, teacher, list(student.output))
        if any(id(variable) in students for variable in teacher.variables):
            raise ValueError(
                f"The teacher of '{task}' shares weights with the student, so it would change "
                "while it teaches. Make a copy: `keras.models.clone_model` and `set_weights`."
            )


def check_output_name(role: str, task: str, model: keras.Model, tasks: Sequence[str]) -> None:
    """Refuse a model whose only prediction is called after another task.

    Raises:
        ValueError: Likewise.
    """
    outputs = graph_ends(model)[1] if is_graph(model) else None
    names = list(outputs) if isinstance(outputs, Mapping) else []
    if len(names) == 1 and names[0] != task and names[0] in tasks:
        raise ValueError(
            f"The {role} has no output '{task}'. Its outputs: {names}, another task of the student."
        )


def check_fit_arguments(
    student: keras.Model, task_losses: Any, x: Any, y: Any, arguments: Mapping[str, Any]
) -> None:
    """Look at what `fit` was given, without using up a stream.

    Raises:
        ValueError: As `check_batch`, or for an empty data set or `class_weight`.
    """
    if arguments.get("class_weight") is not None:
        raise ValueError(
            "Keras does not support `class_weight` with several outputs. Pass `sample_weight` as "
            "a dict, `{task: weights}`, as the third element of the data."
        )
    check_data(student, task_losses, x if y is None else (x, y))


def check_data(student: keras.Model, task_losses: Any, data: Any, batches: int | None = 1) -> None:
    """Check the labels of a data set.

    Args:
        student: Model with dict outputs.
        task_losses: `{task: Loss}`.
        data: `(x, y)` arrays, or anything that can be iterated again and again, giving batches
            `(x, y)` or `(x, y, sample_weight)`. Generators are left alone.
        batches: How many batches to look at; `None` for all.

    Raises:
        ValueError: As `check_batch`, or for an empty data set.
    """
    if isinstance(data, tuple):
        check_batch(student, task_losses, data[1])
        return
    if hasattr(data, "__next__") or _is_distributed(data):
        return
    seen = 0
    for batch in read(data):
        if batches is not None and seen == batches:
            break
        if len(batch) > 1:
            check_batch(student, task_losses, batch[1])
        seen += 1
    if seen == 0:
        raise ValueError("The data set is empty: it gave no batch to train on.")


def check_batch(student: keras.Model, task_losses: Any, y: Any) -> None:
    """Check labels against the student's outputs.

    Args:
        student: Model with dict outputs.
        task_losses: `{task: Loss}`.
        y: `{task: labels}`, arrays or tensors.

    Raises:
        ValueError: If a task has no labels, or labels of the wrong shape or dtype, or NaN.
    """
    if not isinstance(y, Mapping):
        raise ValueError(
            "Labels must be a dict, `{task: labels}`, like the student's outputs "
            f"{list(student.output)}. Received: {type(y).__name__}."
        )
    for task, output in student.output.items():
        if y.get(task) is None:
            raise ValueError(
                f"The data has no labels for task '{task}'. It has labels for: {sorted(y)}. "
                "For missing labels pass any value with `sample_weight={task: 0}`."
            )
        _check_labels(task, np.asarray(y[task]), tuple(output.shape), task_losses[task])


def _check_labels(task: str, labels: np.ndarray, output: Shape, loss: Any) -> None:
    if labels.dtype.kind not in "biuf" and labels.dtype.name != "bfloat16":
        raise ValueError(f"Task '{task}': labels must be numbers. Received dtype {labels.dtype}.")
    if len(labels) == 0:
        raise ValueError(f"Task '{task}': the data set is empty, its labels have length 0.")
    if np.isnan(labels.astype("float32")).any():
        raise ValueError(
            f"Task '{task}': {int(np.isnan(labels.astype('float32')).sum())} labels are NaN, "
            "which would make every weight NaN. Give missing labels any finite value and weight "
            "0: `(x, y, {task: sample_weight})`."
        )
    kind = getattr(getattr(loss, "fn", None), "__name__", "")
    if kind.startswith("sparse_categorical"):
        _check_classes(task, labels, output, loss.get_config().get("ignore_class"))
    elif kind and not _fits(labels.shape, output):
        raise ValueError(
            f"Task '{task}': labels have shape {labels.shape}, the head gives {output}. "
            f"The loss '{loss.name}' compares them element by element."
            + (" Use one-hot labels or a sparse loss." if kind in _ONE_HOT_LOSSES else "")
        )


def _check_classes(task: str, labels: np.ndarray, output: Shape, ignored: int | None) -> None:
    sparse = labels.shape[:-1] if labels.shape[-1:] == (1,) else labels.shape
    if not _fits(sparse, output[:-1]):
        raise ValueError(
            f"Task '{task}': class labels have shape {labels.shape}, the head gives {output}; "
            f"expected one class index for every position, shape {('batch', *output[1:-1])}."
        )
    if labels.dtype.kind == "f" and (labels != np.round(labels)).any():
        raise ValueError(
            f"Task '{task}': class labels must be whole numbers. Received dtype {labels.dtype} "
            f"with values such as {labels[labels != np.round(labels)][0]}."
        )
    counted = labels if ignored is None else labels[labels != ignored]
    if output[-1] is not None and counted.size and counted.max() >= output[-1]:
        raise ValueError(
            f"Task '{task}': the head has {output[-1]} classes, but a label is {counted.max()}. "
            f"Labels must lie in [0, {output[-1] - 1}]."
        )


def _fits(labels: Shape, output: Shape) -> bool:
    """Whether element-wise losses can compare the shapes; a last axis of 1 may be left out."""
    if len(labels) == len(output) - 1 and output[-1] == 1:
        output = output[:-1]
    if len(labels) != len(output):
        return False
    return all(b is None or a == b for a, b in zip(labels[1:], output[1:], strict=True))


def _is_distributed(data: Any) -> bool:
    """Whether a data set gives one batch per replica, which cannot be looked at here."""
    return type(data).__module__.startswith("tensorflow.python.distribute")
