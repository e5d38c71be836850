"""Checks that run before training, with messages that name the task."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.causes import cause_of
from keras_mtkd._backend.names import unknown_task
from keras_mtkd._backend.warn import warn
from keras_mtkd._data.batches import as_data
from keras_mtkd._data.batches import batches as read
from keras_mtkd._data.read_once import check_called, check_epochs, check_no_list, may_be_read
from keras_mtkd._graph.ends import graph_ends, is_graph
from keras_mtkd._graph.taps import require_functional
from keras_mtkd.losses.inputs_taken import check_inputs
from keras_mtkd.losses.label_count import LabelCount
from keras_mtkd.losses.label_names import check_label_names, check_taught, tell_of_others
from keras_mtkd.losses.label_shapes import check_shapes
from keras_mtkd.losses.label_values import check_values
from keras_mtkd.losses.sample_weights import check_weights
from keras_mtkd.losses.single_samples import check_batched
from keras_mtkd.losses.task_losses import labels_of, per_task


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
            raise ValueError(unknown_task("There is a teacher for", task, student.output))
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
    student: keras.Model,
    task_losses: Any,
    x: Any,
    y: Any,
    arguments: Mapping[str, Any],
    taught: Collection[str] = (),
) -> LabelCount:
    """Look at what `fit` was given, without using up a stream.

    Args:
        student: Model with dict outputs.
        task_losses: `{task: Loss}`.
        x: Inputs or a data set.
        y: Labels, if they are not in the data set.
        arguments: The other arguments of `fit`.
        taught: Tasks that train without labels too.

    Returns:
        How many labels there are in what was looked at of the training data.

    Raises:
        ValueError: As `check_data` for data and validation data, for `class_weight`, or for
            generators that later epochs would find used up.
        TypeError: For a function or a list of batches in the place of data.
    """
    if arguments.get("class_weight") is not None:
        raise ValueError(
            "Keras does not support `class_weight` with several outputs. Pass `sample_weight` as "
            "a dict, `{task: weights}`, as the third element of the data."
        )
    data = as_data(x, y, arguments.get("sample_weight"))
    count = LabelCount()
    check_data(student, task_losses, data, taught=taught, count=count)
    validation = arguments.get("validation_data")
    check_epochs(x, validation, arguments)
    if validation is not None:
        check_evaluated(student, task_losses, validation, "validation data")
    return count


def check_evaluated(student: keras.Model, task_losses: Any, data: Any, role: str) -> None:
    """Check the labels of data that a model is judged on, where some tasks may have none.

    Raises:
        ValueError: As `check_data`, or if no task has labels.
    """
    try:
        lacking = check_data(student, task_losses, data, taught=None)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"In the {role}: {error}") from cause_of(error)
    if lacking:
        warn(
            f"The {role} has no labels for {lacking}: neither losses nor metrics of these tasks "
            "are logged.",
        )


def check_data(
    student: keras.Model,
    task_losses: Any,
    data: Any,
    batches: int | None = 1,
    taught: Collection[str] | None = (),
    count: LabelCount | None = None,
) -> list[str]:
    """Check the labels of a data set.

    Args:
        student: Model with dict outputs.
        task_losses: `{task: Loss}`.
        data: Arrays `(x, y)` or `(x, y, sample_weight)`, or anything that can be iterated again
            and again, giving such batches. Generators are left alone.
        batches: How many batches to look at; `None` for all.
        taught: Tasks that may have no labels; `None` for all but one.
        count: Counts the labels that are looked at.

    Returns:
        The tasks that have none.

    Raises:
        ValueError: As `check_batch` and `check_inputs`, or for an empty data set or one of single
            samples.
        TypeError: For a function or a list of batches in the place of the data.
    """
    check_no_list(data)
    if isinstance(data, tuple | list):
        return _check_parts(student, task_losses, data, taught, count)
    check_called(data)
    if not may_be_read(data):
        return []
    seen, lacking = 0, dict.fromkeys(student.output)
    for batch in read(data):
        if batches is not None and seen == batches:
            break
        try:
            found = _check_parts(student, task_losses, batch, taught, count)
        except ValueError as error:
            if len(batch) == 1:
                raise
            # Numbers in the message count what is in this batch.
            which = f"batch {seen + 1}" if seen else "the first batch"
            raise ValueError(f"In {which}: {error}") from cause_of(error)
        lacking = dict.fromkeys(task for task in lacking if task in found)
        seen += 1
    if seen == 0:
        raise ValueError("The data set is empty: it gave no batch to train on.")
    return list(lacking)


def _check_parts(
    student: keras.Model,
    task_losses: Any,
    data: Any,
    taught: Collection[str] | None,
    count: LabelCount | None,
) -> list[str]:
    """`check_batch` of `(x, y, sample_weight)`, and a look at the inputs."""
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    if y is None:
        check_no_list(x)
    check_batched(student, x)
    check_inputs(student, x)
    return check_batch(student, task_losses, y, sample_weight, taught, count)


def check_batch(
    student: keras.Model,
    task_losses: Any,
    y: Any,
    sample_weight: Any = None,
    taught: Collection[str] | None = (),
    count: LabelCount | None = None,
) -> list[str]:
    """Check labels against the student's outputs.

    Args:
        student: Model with dict outputs.
        task_losses: `{task: Loss}`.
        y: `{task: labels}`, arrays or tensors; `None` for no labels at all.
        sample_weight: Their weights, as in `fit`. Labels of weight 0 may be negative.
        taught: As in `check_data`.
        count: Likewise.

    Returns:
        The tasks that have none.

    Raises:
        ValueError: If a task has no labels, or labels of the wrong shape or dtype, NaN, or
            values that its loss cannot mean; if weights are negative or not finite; if labels or
            weights have almost the name of a task.
    """
    if y is not None and not isinstance(y, Mapping):
        raise ValueError(
            "Labels must be a dict, `{task: labels}`, like the student's outputs "
            f"{list(student.output)}. Received: {type(y).__name__}."
        )
    tasks = list(student.output)
    check_label_names(tasks, y, sample_weight)
    check_taught(tasks, labels_of(y), taught)
    tell_of_others(tasks, y, sample_weight)
    labels = labels_of(y, tasks)
    weights = per_task(sample_weight, list(labels))
    known = []
    for task, values in labels.items():
        shape = tuple(student.output[task].shape)
        array, loss = np.asarray(values), task_losses[task]
        check_weights(task, weights.get(task))
        check_shapes(task, array, shape, loss)
        check_values(task, array, loss, weights.get(task))
        if count is not None:
            known.append(count.add(task, array, loss, weights.get(task)))
    if count is not None:
        count.add_together(known)
    return [task for task in tasks if task not in labels]
