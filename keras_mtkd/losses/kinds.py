"""What a head predicts, and which labels it takes, by the loss that it is trained with."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras

from keras_mtkd._backend.keras_compat import arguments_of
from keras_mtkd.losses.crossentropy import crossentropy

CLASS, BINARY, REGRESSION = "class", "binary", "regression"
KINDS = (CLASS, BINARY, REGRESSION)

# Labels are class numbers, or shaped like the prediction.
NUMBERS, ALIKE = "numbers", "alike"


@dataclass(frozen=True)
class LossKind:
    """How a loss reads a prediction and its label.

    Attributes:
        predicts: One of `KINDS`: a distribution over classes, independent yes/no answers, or
            numbers to which the loss is a distance; `None` if that cannot be told.
        labels: `NUMBERS` or `ALIKE`; `None` if only the loss knows.
        from_logits: Whether predictions are logits; `None` if that cannot be told.
        axis: The axis of classes or answers.
    """

    predicts: str | None = None
    labels: str | None = None
    from_logits: bool | None = None
    axis: int = -1


# Overlaps (dice) are of classes or of answers alike; scores of hinge losses and embeddings have no
# distance that their loss would give; the rest of Keras' losses is in one of the kinds.
_OF_KERAS: dict[str, tuple[str | None, str | None]] = {
    "binary_crossentropy": (BINARY, ALIKE),
    "binary_focal_crossentropy": (BINARY, ALIKE),
    "categorical_crossentropy": (CLASS, ALIKE),
    "categorical_focal_crossentropy": (CLASS, ALIKE),
    "categorical_generalized_cross_entropy": (CLASS, NUMBERS),
    "categorical_hinge": (None, ALIKE),
    "circle": (None, None),
    "cosine_similarity": (REGRESSION, ALIKE),
    "ctc": (None, None),
    "dice": (None, ALIKE),
    "hinge": (None, ALIKE),
    "huber": (REGRESSION, ALIKE),
    "kl_divergence": (CLASS, ALIKE),
    "log_cosh": (REGRESSION, ALIKE),
    "mean_absolute_error": (REGRESSION, ALIKE),
    "mean_absolute_percentage_error": (REGRESSION, ALIKE),
    "mean_squared_error": (REGRESSION, ALIKE),
    "mean_squared_logarithmic_error": (REGRESSION, ALIKE),
    "poisson": (REGRESSION, ALIKE),
    "sparse_categorical_crossentropy": (CLASS, NUMBERS),
    "sparse_categorical_focal_crossentropy": (CLASS, NUMBERS),
    "squared_hinge": (None, ALIKE),
    "tversky": (None, ALIKE),
}
_OVERLAPS = ("dice", "tversky")


def kind_of(loss: Any, size: int | None = None) -> LossKind:
    """How a `keras.losses.Loss` reads predictions and labels.

    Known are Keras' losses, also as functions, partials and subclasses, and losses with an
    attribute `predicts`. Of other losses an attribute `from_logits` is believed.

    Args:
        loss: The loss.
        size: The last axis of the predictions, by which `"crossentropy"` chooses.
    """
    fn, arguments = _function(loss)
    if fn is crossentropy and size is not None:
        return LossKind(BINARY if size == 1 else CLASS, None, False)
    name = _name(fn)
    stated = arguments.get("from_logits", getattr(loss, "from_logits", None))
    from_logits = stated if isinstance(stated, bool) else None
    declared = getattr(loss, "predicts", None)
    if declared in KINDS:
        return LossKind(declared, None, from_logits, getattr(loss, "axis", -1))
    if name is None:
        return LossKind(from_logits=from_logits)
    predicts, labels = _OF_KERAS[name]
    if predicts in (CLASS, BINARY) or name in _OVERLAPS:
        axis = -1 if name in _OVERLAPS else arguments.get("axis", -1)
        return LossKind(predicts, labels, bool(from_logits), axis)
    return LossKind(predicts, labels)


def is_squared(loss: Any) -> bool:
    """Whether a loss is Keras' mean squared error."""
    return _name(_function(loss)[0]) == "mean_squared_error"


def with_form(loss: Any, from_logits: bool, size: int | None = None) -> str:
    """What to write for a loss that takes logits, or probabilities.

    Args:
        loss: The loss, which takes the other.
        from_logits: Whether it is to take logits.
        size: As in `kind_of`.

    Returns:
        Code, or words where the loss is not one of Keras' that can be told.
    """
    fn, _ = _function(loss)
    name = _name(fn)
    if fn is crossentropy:
        name = "binary_crossentropy" if size == 1 else "sparse_categorical_crossentropy"
    if name is not None:
        in_keras = "".join(part.capitalize() for part in name.split("_"))
        made = getattr(keras.losses, in_keras, None)
        if made is not None and "from_logits" in inspect.signature(made.__init__).parameters:
            return f"`loss=keras.losses.{in_keras}(from_logits={from_logits})`"
    elif hasattr(loss, "from_logits"):
        return f"`from_logits={from_logits}` for the loss"
    return f"a loss of {'logits' if from_logits else 'probabilities'}"


def _function(loss: Any) -> tuple[Callable[..., Any] | None, dict[str, Any]]:
    """The function that a loss wraps, if any, and the arguments that it is called with."""
    fn: Any = getattr(loss, "fn", None)
    arguments = dict(arguments_of(loss))
    while isinstance(fn, partial):
        fn, arguments = fn.func, {**fn.keywords, **arguments}
    return fn, arguments


def _name(fn: Any) -> str | None:
    """The name under which Keras has a function: a user's own may be called alike."""
    if fn is None:
        return None
    return next((name for name in _OF_KERAS if getattr(keras.losses, name, None) is fn), None)
