"""What the numbers that a head gives mean: classes, answers or quantities, as logits or not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import keras
from keras import ops

from keras_mtkd import losses
from keras_mtkd._backend.keras_compat import maker_of
from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.ends import graph_ends, is_graph, prediction
from keras_mtkd.distillation._endings import UNKNOWN, ending_of
from keras_mtkd.losses.forms import logits_of, probabilities_of
from keras_mtkd.losses.kinds import BINARY, CLASS, LossKind, kind_of


@dataclass(frozen=True)
class Head:
    """How the predictions of a head are to be read.

    Attributes:
        kind: `"class"`, `"binary"` or `"regression"`; `None` if that cannot be told.
        from_logits: True for logits, False for probabilities, `None` if that cannot be told.
        axis: The axis of classes or answers.
    """

    kind: str | None = None
    from_logits: bool | None = None
    axis: int = -1


def head_of(tensor: Tensor | None, loss: keras.losses.Loss | None) -> Head:
    """What is known of a head.

    The graph says whether it gives logits: its last activation, whatever comes after that changes
    nothing. Where the graph does not tell, the loss does.

    Args:
        tensor: Its symbolic output, if there is a graph.
        loss: The loss that it is trained with, if any.
    """
    seen = UNKNOWN if tensor is None else ending_of(tensor)
    size = None if tensor is None else tensor.shape[-1]
    read = LossKind() if loss is None else kind_of(loss, size)
    kind = read.predicts
    # A softmax is over classes; a sigmoid may also bound a quantity, unless the loss says that it
    # takes probabilities.
    if kind is None and (seen.kind == CLASS or (seen.kind == BINARY and read.from_logits is False)):
        kind = seen.kind
    told = read.from_logits if seen.from_logits is None else seen.from_logits
    axis = seen.axis if read.axis == -1 and seen.axis is not None else read.axis
    if tensor is not None and axis >= 0:
        axis -= len(tensor.shape)
    return Head(kind, told, axis)


# A user's own subclass may turn predictions into what the loss that it is made of takes.
_KNOWN = ("keras", "keras_mtkd")


def contradiction(tensor: Tensor, loss: keras.losses.Loss) -> Head | None:
    """What a head gives whose loss of classes or answers takes logits of none, or the reverse.

    Args:
        tensor: The head's symbolic output.
        loss: The loss that it is trained with.

    Returns:
        What the graph says of the head, or `None` if it fits, or if it is not certain that it does
        not.
    """
    if type(loss).__module__.split(".")[0] not in _KNOWN and not hasattr(loss, "predicts"):
        return None
    read, seen = kind_of(loss, tensor.shape[-1]), ending_of(tensor)
    known = None not in (read.from_logits, seen.from_logits) and seen.certain
    if known and read.predicts in (CLASS, BINARY) and read.from_logits != seen.from_logits:
        return Head(seen.kind, seen.from_logits)
    return None


def head_of_model(model: keras.Model, task: str) -> Head:
    """What a teacher's own graph, or else the loss that it is compiled with, says of its head."""
    tensor = prediction(graph_ends(model)[1], task) if is_graph(model) else None
    return head_of(tensor, _compiled_loss(model, task))


def _compiled_loss(model: keras.Model, task: str) -> keras.losses.Loss | None:
    """The loss of a task that a model was compiled with, `None` if there is none to be read."""
    given = getattr(model, "loss", None)
    if given is None and is_graph(model):
        return _loss_within(model, task)
    if isinstance(given, Mapping) and "class_name" not in given:
        given = given.get(task, next(iter(given.values())) if len(given) == 1 else None)
    if isinstance(given, list | tuple):
        names = list(graph_ends(model)[1]) if is_graph(model) else []
        by_name = dict(zip(names, given, strict=False)) if len(given) > 1 else {task: given[0]}
        given = by_name.get(task)
    try:
        return None if given is None else losses.get(given)
    except (TypeError, ValueError):
        return None


def _loss_within(model: keras.Model, task: str) -> keras.losses.Loss | None:
    """The loss of a model that gives the output of another, which was put around it."""
    inner = maker_of(prediction(graph_ends(model)[1], task))
    return _compiled_loss(inner, task) if isinstance(inner, keras.Model) else None


def conversion(theirs: Head, mine: Head) -> Callable[[Tensor], Tensor] | None:
    """From a teacher's predictions to the student's form, `None` where nothing is to be done.

    Args:
        theirs: The teacher's head.
        mine: The student's. Where its kind is not known, the teacher's activation tells.
    """
    kind = mine.kind or theirs.kind
    known = None not in (theirs.from_logits, mine.from_logits) and kind in (CLASS, BINARY)
    if not known or theirs.from_logits == mine.from_logits:
        return None
    form = as_logits if mine.from_logits else as_probabilities
    return partial(form, head=Head(kind, theirs.from_logits, mine.axis))


def as_logits(predictions: Tensor, head: Head) -> Tensor:
    """Logits in float32, whichever form the head gives."""
    if head.from_logits:
        return ops.cast(predictions, "float32")
    return logits_of(predictions, head.kind)


def as_probabilities(predictions: Tensor, head: Head) -> Tensor:
    """Probabilities in float32, likewise."""
    if not head.from_logits:
        return ops.cast(predictions, "float32")
    return probabilities_of(predictions, head.kind, head.axis)
