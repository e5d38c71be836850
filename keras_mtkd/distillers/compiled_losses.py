"""The losses that `compile` is given, with a look at what the heads give them."""

from collections.abc import Mapping

import keras

from keras_mtkd._backend.types import LossLike
from keras_mtkd._backend.warn import warn
from keras_mtkd.distillation.head import Head, contradiction
from keras_mtkd.losses.kinds import BINARY, CLASS, kind_of, with_form
from keras_mtkd.losses.task_losses import TaskLosses

_FORMS = {True: "logits", False: "probabilities"}
_SQUASHES = {CLASS: "softmax", BINARY: "sigmoid"}


def compiled_losses(
    student: keras.Model, loss: LossLike | Mapping[str, LossLike] | None
) -> TaskLosses:
    """The loss of every task, and a word about each that reads a head as what it is not.

    Such a model trains all the same: to something, and worse.

    Args:
        student: Model with dict outputs.
        loss: `{task: loss}`, or one loss for all tasks.

    Raises:
        ValueError: As `TaskLosses`.
    """
    losses = TaskLosses({} if loss is None else loss, list(student.output))
    for task, output in student.output.items():
        seen = contradiction(output, losses[task])
        if seen is None:
            continue
        form, size = bool(seen.from_logits), output.shape[-1]
        read = kind_of(losses[task], size).predicts or CLASS
        warn(
            f"The head '{task}' does not give what its loss '{losses[task].name}' takes: it gives "
            f"{_FORMS[form]} ({_end(seen)}), the loss takes {_FORMS[not form]}, so that training "
            f"goes wrong in silence. Pass {with_form(losses[task], form, size)} for '{task}', or "
            f"{_other_head(form, _SQUASHES[read])}. A distillation of its predictions goes by the "
            "head."
        )
    return losses


def _end(seen: Head) -> str:
    if seen.kind is None:
        return "no softmax or sigmoid comes last" if seen.from_logits else "by its last layers"
    return f"it ends in a {'log_softmax' if seen.from_logits else _SQUASHES[seen.kind]}"


def _other_head(form: bool, squash: str) -> str:
    """How to let a head give the other form than it does."""
    if form:
        return f"give the head's last layer `activation='{squash}'`"
    return "leave out the head's last activation, `activation=None`"
