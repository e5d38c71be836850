"""A distance between predictions that a user chose, held to what the predictions are."""

from dataclasses import replace
from typing import Any

import keras

from keras_mtkd import losses
from keras_mtkd._storage.arguments import config_of
from keras_mtkd.distillation.head import Head
from keras_mtkd.losses.kinds import BINARY, CLASS, NUMBERS, kind_of

# They read both sides as logits or both as probabilities, as they are told.
_BOTH_SIDES = (
    losses.LogitKL,
    losses.BinaryLogitKL,
    losses.SampledLogitKL,
    losses.SelectPositions,
)


def takes_probabilities(loss: keras.losses.Loss) -> bool:
    """Whether a loss, one of Keras', takes probabilities for labels."""
    if isinstance(loss, _BOTH_SIDES):
        return False
    return kind_of(loss).predicts in (CLASS, BINARY)


def complete_head(head: Head, loss: keras.losses.Loss) -> Head:
    """A head, with what the distance says of predictions where nothing else is known."""
    read = kind_of(_innermost(loss))
    kind = read.predicts if head.kind is None and read.predicts in (CLASS, BINARY) else head.kind
    form = read.from_logits if head.from_logits is None else head.from_logits
    return replace(head, kind=kind, from_logits=form)


def own_distance(name: str, task: str, loss: keras.losses.Loss, head: Head) -> keras.losses.Loss:
    """The distance, reading predictions in the form that the head gives.

    Args:
        name: Name of the distillation.
        task: Name of the task.
        loss: The distance.
        head: What the student's head is taken for.

    Raises:
        ValueError: If it takes class numbers, or another form of predictions.
    """
    if isinstance(loss, _BOTH_SIDES):
        return _reading(loss, head)
    read = kind_of(loss)
    if read.labels == NUMBERS:
        raise ValueError(
            f"Distillation '{name}' of task '{task}': '{loss.name}' takes class numbers for "
            "labels, and teachers give none. Use `loss='kl'`, or "
            "`keras.losses.CategoricalCrossentropy`."
        )
    if takes_probabilities(loss) and head.from_logits not in (None, read.from_logits):
        takes, gives = (
            ("logits", "probabilities") if read.from_logits else ("probabilities", "logits")
        )
        raise ValueError(
            f"Distillation '{name}' of task '{task}': '{loss.name}' takes {takes}, and the "
            f"student gives {gives}. Use `loss='kl'`, or a loss with "
            f"`from_logits={head.from_logits}`."
        )
    return loss


def _reading(loss: keras.losses.Loss, head: Head) -> keras.losses.Loss:
    """The same distance, made for the predictions of a head."""
    if not isinstance(loss, _BOTH_SIDES):
        return loss
    changed: dict[str, Any] = {}
    if head.from_logits not in (None, loss.from_logits):
        changed["from_logits"] = head.from_logits
    if getattr(loss, "axis", head.axis) == -1 != head.axis:
        changed["axis"] = head.axis
    if isinstance(loss, losses.SelectPositions):
        inner = _reading(loss.loss, head)
        if inner is not loss.loss:
            changed["loss"] = inner
    return type(loss).from_config({**config_of(loss), **changed}) if changed else loss


def _innermost(loss: keras.losses.Loss) -> keras.losses.Loss:
    inner = getattr(loss, "loss", None)
    return _innermost(inner) if isinstance(inner, keras.losses.Loss) else loss
