"""The value of a loss, with its weights fitted to what it has values for.

Keras multiplies weights with the values as broadcasting has it: weights a sample weigh the columns
of maps, and weights a position what is left of their axes.
"""

from functools import partial
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.keras_compat import get_keras_mask, set_keras_mask
from keras_mtkd._backend.types import Tensor
from keras_mtkd._backend.warn import warn
from keras_mtkd.losses._typed_loss import TypedLoss
from keras_mtkd.losses.positions import align_labels, both_masks, fit_mask, spread_weights

# Keras' losses that are the mean over the last axis of a value an entry.
_ELEMENTWISE = (
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "hinge",
    "huber",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "squared_hinge",
)


# Whose losses are known: where they are means of entries, they are above or say so.
_TELL = ("keras", "keras_mtkd")


class WeighedLoss(TypedLoss):
    """A loss whose weights, of samples or of positions, are fitted to its values."""

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        if sample_weight is None and get_keras_mask(y_pred) is None:
            return super().__call__(y_true, y_pred)
        values, weight = _weighed(self, y_true, y_pred, sample_weight)
        return reduce_values(self, values, weight)


def weigh(
    loss: keras.losses.Loss,
    y_true: Tensor,
    y_pred: Tensor,
    sample_weight: Any = None,
    known: Tensor | None = None,
) -> Tensor:
    """The value of any loss, weighted and reduced.

    Args:
        loss: The loss.
        y_true: Labels, or a teacher's side.
        y_pred: Predictions, or the student's side; positions that its Keras mask leaves out do not
            count.
        sample_weight: Optional, `(batch,)`, or of positions. Where prediction and weights have the
            same shape and the loss is a mean over the last axis, entry by entry.
        known: Optional mask of positions; others do not count either.
    """
    if known is not None:
        mask = both_masks(get_keras_mask(y_pred), known)
        y_pred = ops.copy(y_pred)  # the mask is that of this loss alone
        set_keras_mask(y_pred, mask)
    plain = sample_weight is None and get_keras_mask(y_pred) is None
    if plain or _weighs_itself(loss):
        return loss(y_true, y_pred, sample_weight=sample_weight)
    values, weight = _weighed(loss, y_true, y_pred, sample_weight)
    return reduce_values(loss, values, weight)


def mean_weight(
    loss: keras.losses.Loss, y_true: Tensor, y_pred: Tensor, sample_weight: Any
) -> Tensor:
    """The weight that the value of `weigh` stands for: what it would be for values of 1."""
    if _weighs_itself(loss) and not isinstance(loss, WeighedLoss):
        return ops.mean(ops.convert_to_tensor(sample_weight, "float32"))
    values, weight = _weighed(loss, y_true, y_pred, sample_weight)
    ones = ops.ones_like(values)
    set_keras_mask(ones, get_keras_mask(values))
    return reduce_values(loss, ones, weight)


def _weighs_itself(loss: keras.losses.Loss) -> bool:
    return type(loss).__call__ is not keras.losses.Loss.__call__


def _weighed(
    loss: keras.losses.Loss, y_true: Any, y_pred: Any, sample_weight: Any
) -> tuple[Tensor, Tensor | None]:
    """Values, with what does not count as their Keras mask, and a weight for each."""
    mask, weight = get_keras_mask(y_pred), None
    y_true, y_pred = (ops.convert_to_tensor(each, dtype=loss.dtype) for each in (y_true, y_pred))
    if getattr(loss, "fn", None) is not None:
        y_true, y_pred = _aligned(y_true, y_pred)
    if sample_weight is not None:
        weight = ops.convert_to_tensor(sample_weight, dtype=loss.dtype)
    if weight is not None and _entry_by_entry(loss, y_true, y_pred, weight):
        y_true, y_pred = ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1)
    values = loss.call(y_true, y_pred)
    if weight is not None:
        _tell_of_averaged_weights(loss, values, y_pred, weight)
    own = get_keras_mask(values)
    values = ops.convert_to_tensor(values, dtype=loss.dtype)
    if mask is not None and len(values.shape):
        own = both_masks(fit_mask(mask, values), own)
    if own is not None:
        set_keras_mask(values, own)
    return values, None if weight is None else spread_weights(weight, values)


def _aligned(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Maps with the axis of 1 that labels may lack: Keras drops it, and the last of positions."""
    if len(y_true.shape) + 1 == len(y_pred.shape) and y_pred.shape[-1] == 1:
        return align_labels(y_true, y_pred)
    return y_true, y_pred


def _tell_of_averaged_weights(loss: Any, values: Any, y_pred: Tensor, weight: Tensor) -> None:
    """A word where weights differ within what a loss of the user's has one value for."""
    told = hasattr(loss, "elementwise") or type(loss).__module__.split(".")[0] in _TELL
    entries = tuple(weight.shape) == tuple(y_pred.shape) and weight.shape[-1] not in (None, 1)
    if not told and entries and len(values.shape) == len(weight.shape) - 1:
        warn(
            f"There are weights of every entry, shape {tuple(weight.shape)}, and the loss "
            f"'{loss.name}' has one value for those of the last axis: their mean counts. If the "
            "loss is the mean of a value an entry, give it an attribute `elementwise = True`; "
            f"otherwise pass weights of shape {tuple(values.shape)}.",
        )


def _entry_by_entry(loss: Any, y_true: Tensor, y_pred: Tensor, weight: Tensor) -> bool:
    """Whether weights are those of all entries of the prediction, and the loss can tell them."""
    if len(y_true.shape) == len(y_pred.shape) == 1:
        # The last axis of a head without one is the batch, over which Keras would take the mean.
        return _is_elementwise(loss)
    if len(weight.shape) != len(y_pred.shape) or len(y_true.shape) != len(y_pred.shape):
        return False
    same = weight.shape[-1] == y_pred.shape[-1] and y_pred.shape[-1] not in (None, 1)
    return same and _is_elementwise(loss)


def _is_elementwise(loss: Any) -> bool:
    fn = getattr(loss, "fn", None)
    while isinstance(fn, partial):
        fn = fn.func
    of_keras = fn is not None and any(getattr(keras.losses, name) is fn for name in _ELEMENTWISE)
    return of_keras or bool(getattr(loss, "elementwise", False))


class _Values(keras.losses.Loss):
    """Reduces values as Keras does, which knows about masks and replicas."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return y_pred


def reduce_values(loss: keras.losses.Loss, values: Tensor, weight: Tensor | None) -> Tensor:
    """Values and their weights, as the loss reduces its own."""
    return _Values(name="values", reduction=loss.reduction, dtype=loss.dtype)(
        values, values, sample_weight=weight
    )
