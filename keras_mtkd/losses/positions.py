"""Weights and masks of samples and positions, fitted to the values that they weigh.

Values `(batch, ...)` are one a sample, or one a position of it: a token, a pixel. Everything that
weighs them, task losses, distances, metrics and indicators, goes through `fit_weights`.
"""

from collections.abc import Sequence
from typing import Any

from keras import ops

from keras_mtkd._backend.types import Tensor


def fit_weights(weight: Any, values: Tensor) -> Tensor:
    """Weights shaped to multiply values.

    * Axes that the values have beyond the weights': a sample's weight holds for all of its
      positions, that of a row for all that is in it.
    * Axes that the weights have beyond the values', such as a last one of 1: averaged.
    * Positions that are not the values': the mean over each sample, for all of its positions.

    Args:
        weight: `(batch,)` or `(batch, ...)`.
        values: What is weighed, `(batch, ...)`; a scalar is weighed by the weights as they are.

    Returns:
        As many axes as the values have, each of their length or of 1.
    """
    weight, rank = ops.convert_to_tensor(weight), len(values.shape)
    own = len(weight.shape)
    if rank == 0 or own == 0:
        return weight
    if own > rank:
        weight = ops.mean(weight, axis=tuple(range(rank, own)))
    pairs = list(zip(weight.shape[1:], values.shape[1:], strict=False))
    if any(None not in (one, other, 1) and one not in (other, 1) for one, other in pairs):
        weight = ops.mean(weight, axis=tuple(range(1, len(pairs) + 1)), keepdims=True)
    elif any(one is None or (other is None and one != 1) for one, other in pairs):
        weight = _fitted_later(weight, values, len(pairs) + 1)
    return with_axes(weight, rank)


def _fitted_later(weight: Tensor, values: Tensor, own: int) -> Tensor:
    """As above for positions whose number is not known before the batch is there."""
    sizes, wanted = ops.shape(weight)[1:own], ops.shape(values)[:own]
    fits = ops.convert_to_tensor(True)
    for one, other in zip(sizes, wanted[1:], strict=True):
        fits = ops.logical_and(fits, ops.logical_or(ops.equal(one, other), ops.equal(one, 1)))
    mean = ops.mean(weight, axis=tuple(range(1, own)), keepdims=True)
    return ops.cond(
        fits, lambda: ops.broadcast_to(weight, wanted), lambda: ops.broadcast_to(mean, wanted)
    )


def with_axes(weight: Tensor, rank: int) -> Tensor:
    """Weights with axes of 1 behind their own, up to so many."""
    missing = rank - len(weight.shape)
    return weight if missing <= 0 else ops.reshape(weight, (*ops.shape(weight), *(1,) * missing))


def product_of_weights(weights: Sequence[Tensor]) -> Tensor | None:
    """The product of weights of samples and of positions of the same maps; `None` of none."""
    rank = max((len(weight.shape) for weight in weights), default=0)
    total = None
    for weight in weights:
        fitted = with_axes(weight, rank)
        total = fitted if total is None else total * fitted
    return total


def spread_weights(weight: Any, values: Tensor) -> Tensor:
    """`fit_weights`, with an entry for every value."""
    # Not by `broadcast_to`: a loss may give one value for the whole batch.
    weight = fit_weights(weight, values)
    return weight * ops.ones_like(values, dtype=weight.dtype)


def fit_mask(mask: Tensor, values: Tensor) -> Tensor:
    """A mask, true where something is, with an entry for every value."""
    return spread_weights(ops.cast(mask, "float32"), values) > 0


def both_masks(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    """Where both masks are true; `None` is true everywhere."""
    if one is None or other is None:
        return other if one is None else one
    return ops.logical_and(ops.cast(one, "bool"), ops.cast(other, "bool"))


def weight_of_samples(weight: Tensor | None, mask: Tensor | None, features: Tensor) -> Tensor:
    """The mean weight of every sample's positions that a mask leaves, `(batch,)`; 0 without any."""
    if mask is None and weight is not None and len(weight.shape) == 1:
        return weight
    one = features[..., 0] if len(features.shape) > 1 else features
    given = ops.ones_like(one) if weight is None else spread_weights(weight, one)
    batch = ops.shape(features)[0]
    if mask is None:
        return ops.mean(ops.reshape(given, (batch, -1)), axis=-1)
    left = ops.cast(fit_mask(mask, one), one.dtype)
    sums, counts = (ops.sum(ops.reshape(x, (batch, -1)), axis=-1) for x in (given * left, left))
    return sums / ops.maximum(counts, 1.0)


def same_positions(weight: Tensor, shape: Sequence[int | None]) -> bool:
    """Whether weights, but for axes of 1 at their end, have the positions of a shape.

    Args:
        weight: `(batch, ...)`.
        shape: `(batch, ...)`, of one value a position; unknown sizes match any.
    """
    own, wanted = list(weight.shape[1:]), list(shape[1:])
    while len(own) > len(wanted) and own[-1] == 1:
        own.pop()
    return len(own) == len(wanted) and all(
        None in (one, other) or one == other for one, other in zip(own, wanted, strict=True)
    )


def align_labels(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Labels and predictions with the last axis of 1 that one of them may have left out.

    Raises:
        ValueError: If they have not as many axes then.
    """
    one, other = len(y_true.shape), len(y_pred.shape)
    if one + 1 == other and y_pred.shape[-1] == 1:
        return ops.expand_dims(y_true, -1), y_pred
    if other + 1 == one and y_true.shape[-1] == 1:
        return y_true, ops.expand_dims(y_pred, -1)
    if one != other:
        raise ValueError(
            "Labels and predictions must have equal shapes, but for a last axis of 1. Received: "
            f"labels of shape {tuple(y_true.shape)}, predictions of shape {tuple(y_pred.shape)}."
        )
    return y_true, y_pred
