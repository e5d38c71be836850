"""Arithmetic of gradients that are lists, one tensor a weight and `None` for zeros."""

from collections.abc import Callable, Sequence

from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg.gramian_of import gram_of

Row = Sequence[Tensor | None]
"""One objective's gradient of every weight, `None` where it does not depend on it."""


def each(function: Callable[[Tensor], Tensor], row: Row) -> Row:
    """A function of every tensor."""
    return [None if tensor is None else function(tensor) for tensor in row]


def times(factor: Tensor | float, row: Row) -> Row:
    """A multiple."""
    return each(lambda tensor: factor * tensor, row)


def total(rows: Sequence[Row]) -> Row:
    """The sum."""
    return [_sum(column) for column in zip(*rows, strict=True)]


def minus(one: Row, other: Row) -> Row:
    """The difference."""
    return total([one, times(-1.0, other)])


def mixture(weights: Tensor, rows: Sequence[Row]) -> Row:
    """`Σ wᵢ gᵢ`."""
    return total([times(weights[number], row) for number, row in enumerate(rows)])


def product(one: Row, other: Row) -> Row:
    """The product of every two elements."""
    pairs = zip(one, other, strict=True)
    return [None if a is None or b is None else a * b for a, b in pairs]


def length(row: Row) -> Tensor:
    """The Euclidean length, a scalar; 0 if nothing is given."""
    return ops.sqrt(sum((ops.sum(ops.square(t)) for t in row if t is not None), ops.zeros(())))


def gram(rows: Sequence[Row]) -> Tensor:
    """Inner products, `(rows, rows)`."""
    products = ops.zeros((len(rows), len(rows)), "float32")
    for column in zip(*rows, strict=True):
        if any(tensor is not None for tensor in column):
            products += gram_of(fill(column))
    return products


def fill(column: Row) -> list[Tensor]:
    """All rows' tensors of one weight, dense, with zeros for `None`; nothing if all are `None`."""
    given = [ops.convert_to_tensor(tensor) for tensor in column if tensor is not None]
    if not given:
        return []
    zeros, tensors = ops.zeros_like(given[0]), iter(given)
    return [zeros if tensor is None else next(tensors) for tensor in column]


def _sum(column: Row) -> Tensor | None:
    given = [tensor for tensor in column if tensor is not None]
    return sum(given[1:], given[0]) if given else None
