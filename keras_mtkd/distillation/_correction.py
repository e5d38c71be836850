"""A teacher's logits moved to where the label is."""

from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.positions import with_axes


def correct_logits(
    logits: Tensor, labels: Tensor, weight: Tensor | None, margin: float, kind: str
) -> Tensor:
    """Logits that agree with the labels by at least the margin; unlabelled samples stay.

    Binary: at least `margin` for yes, at most `-margin` for no. Class: the label's logit at least
    `margin` above every other.

    Args:
        logits: `(batch, ..., answers or classes)`.
        labels: Yes and no as 1 and 0, shaped like the logits; or classes `(batch, ...)` or
            `(batch, ..., 1)`, or their one-hot form; soft labels count as their largest class.
        weight: Weights of the labels, `(batch,)` or a position each; 0 is no label.
        margin: Not negative.
        kind: `"binary"` or `"class"`.
    """
    if kind == "binary":
        labels = ops.reshape(ops.cast(labels, logits.dtype), ops.shape(logits))
        moved = ops.where(labels > 0.5, ops.maximum(logits, margin), ops.minimum(logits, -margin))
    else:
        label = ops.arange(logits.shape[-1]) == classes_of(labels, logits)[..., None]
        others = ops.max(ops.where(label, -float("inf"), logits), axis=-1, keepdims=True)
        moved = ops.where(label, ops.maximum(logits, others + margin), logits)
    if weight is None:
        return moved
    return ops.where(with_axes(weight, len(logits.shape)) > 0, moved, logits)


def classes_of(labels: Tensor, logits: Tensor) -> Tensor:
    """The classes `(batch, ...)` of labels, also one-hot ones or such with a last axis of 1."""
    if len(labels.shape) == len(logits.shape):
        single = labels.shape[-1] == 1 != logits.shape[-1]
        labels = ops.squeeze(labels, axis=-1) if single else ops.argmax(labels, axis=-1)
    return ops.cast(labels, "int32")
