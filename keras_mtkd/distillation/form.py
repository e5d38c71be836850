"""Teacher's and student's predictions brought to one form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import keras

from keras_mtkd._backend.types import Tensor
from keras_mtkd.distillation.base import Distillation
from keras_mtkd.distillation.head import Head, conversion, head_of, head_of_model
from keras_mtkd.losses.kinds import BINARY, CLASS
from keras_mtkd.losses.task_losses import TaskLosses

UNTOLD = (
    "probabilities can neither be told from the last layers of its graph nor from the loss that it "
    "is compiled with."
)


def common_form(
    way: Distillation, task: str, mine: Head, theirs: Head
) -> Callable[[Tensor], Tensor] | None:
    """What is to be done to a teacher's predictions, so that they have the student's form.

    Args:
        way: The distillation.
        task: The task that learns.
        mine: The student's head.
        theirs: The teacher's, as its graph or compiled loss tells.

    Returns:
        A function of predictions, or `None` if they are to stay as they are.

    Raises:
        ValueError: If the form matters, and is not known.
    """
    stated = way.stated_form(task)
    if stated is not None:
        theirs = replace(theirs, from_logits=stated)
    if is_missing(theirs, mine):
        teacher = f"the head '{way.source}'" if way.source else "its teacher"
        raise ValueError(
            f"Distillation '{way.name}' of task '{task}': whether {teacher} predicts logits or "
            f"{UNTOLD} Pass `teacher_from_logits=True` or `False` to `{type(way).__name__}`, or "
            "compile the teacher with its loss: the very model that is passed, even if it was put "
            "around another."
        )
    return conversion(theirs, mine)


def is_missing(theirs: Head, mine: Head) -> bool:
    """Whether the form of a teacher's predictions matters, and is not known."""
    matters = mine.kind in (CLASS, BINARY) and mine.from_logits is not None
    return matters and theirs.from_logits is None


def forms_of_teachers(
    student: keras.Model,
    losses: TaskLosses,
    teachers: Mapping[str, keras.Model],
    ways: Sequence[Distillation],
) -> dict[str, Callable[[Tensor], Tensor] | None]:
    """What is to be done to teachers' predictions, so that the student's losses can take them.

    Args:
        student: Model with dict outputs.
        losses: The loss of every task.
        teachers: `{task: model}`.
        ways: Distillations, which may say what their teachers predict.

    Raises:
        ValueError: If a form matters, and is not known.
    """
    found = {}
    for task, teacher in teachers.items():
        own = [way for way in ways if way.teacher is None and way.source is None]
        told = [way.stated_form(task) for way in own if way.tasks is None or task in way.tasks]
        stated = next((form for form in told if form is not None), None)
        mine, theirs = head_of(student.output[task], losses[task]), head_of_model(teacher, task)
        if stated is not None:
            theirs = replace(theirs, from_logits=stated)
        if is_missing(theirs, mine):
            raise ValueError(
                f"The loss of task '{task}' cannot be measured for its teacher: whether it "
                f"predicts logits or {UNTOLD} Compile the teacher with its loss, "
                "the very model that is passed, or say so to a way of distilling by "
                "`teacher_from_logits=False`."
            )
        found[task] = conversion(theirs, mine)
    return found


def as_classes(found: Head) -> Head:
    """A head that must be one of classes, where nothing says what it is."""
    return replace(found, kind=CLASS) if found.kind is None else found


def known_form(name: str, task: str, head: Head) -> bool:
    """Whether a student's head gives logits.

    Raises:
        ValueError: If that is not known, or its classes are not on the last axis.
    """
    if head.axis != -1:
        raise ValueError(
            f"Distillation '{name}' of task '{task}' needs the classes on the last axis. "
            f"Received: a head with its classes on axis {head.axis}."
        )
    return form_of(name, task, head)


def form_of(name: str, task: str, head: Head) -> bool:
    """Whether a student's head gives logits.

    Raises:
        ValueError: If that is not known.
    """
    if head.from_logits is None:
        raise ValueError(
            f"Distillation '{name}' of task '{task}': whether the student predicts logits or "
            "probabilities can neither be told from the last layers of its graph nor from the "
            "task's loss. Let the head end in `keras.layers.Activation('softmax')`, 'sigmoid' or "
            "'linear', or give the loss an attribute `from_logits`."
        )
    return head.from_logits
