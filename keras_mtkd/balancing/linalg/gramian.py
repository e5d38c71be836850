"""What a Gram matrix says about the gradients it came from.

Products are written as sums, not as `matmul`, which on some devices rounds to ten bits.
"""

from keras import ops

from keras_mtkd._backend.types import Tensor

LEAST = 1e-30
RIDGE = 1e-6


def times(matrix: Tensor, vector: Tensor) -> Tensor:
    """`matrix @ vector`, for `(..., tasks, tasks)` and `(..., tasks)`."""
    return ops.sum(matrix * vector[..., None, :], axis=-1)


def dot(one: Tensor, other: Tensor) -> Tensor:
    """Inner products along the last axis."""
    return ops.sum(one * other, axis=-1)


def length(gram: Tensor, weights: Tensor) -> Tensor:
    """Length of `Σ wᵢ gᵢ`, for weights `(..., tasks)`."""
    return ops.sqrt(ops.maximum(dot(weights, times(gram, weights)), 0.0))


def norms(gram: Tensor) -> Tensor:
    """Lengths of the gradients, `(tasks,)`."""
    return ops.sqrt(ops.maximum(ops.diagonal(gram), 0.0))


def present(gram: Tensor) -> Tensor:
    """1 for tasks that have a gradient and 0 for those whose gradient is zero, `(tasks,)`."""
    return ops.cast(ops.diagonal(gram) > LEAST, "float32")


def inverse(values: Tensor) -> Tensor:
    """`1 / values`, and 0 where a value is 0."""
    return ops.where(values > 0, 1.0 / ops.where(values > 0, values, 1.0), 0.0)


def cosines(gram: Tensor) -> Tensor:
    """Cosines between the gradients; a zero gradient is at right angles to all others."""
    scale = inverse(norms(gram) * present(gram))
    off_diagonal = 1.0 - ops.eye(gram.shape[0], dtype="float32")
    cosine = ops.clip(gram * scale[:, None] * scale[None, :], -1.0, 1.0)
    return off_diagonal * cosine + (1.0 - off_diagonal)


def solve(matrix: Tensor, vector: Tensor) -> Tensor:
    """`x` of `matrix x = vector`, for `(..., tasks, tasks)` and `(..., tasks)`."""
    return ops.solve(matrix, vector[..., None])[..., 0]


def equal(tasks: int) -> Tensor:
    """`1 / tasks` for every task."""
    return ops.full((tasks,), 1.0 / tasks, dtype="float32")


def ridge(tasks: int) -> Tensor:
    """A small multiple of the identity, which makes singular cosines invertible."""
    return RIDGE * ops.eye(tasks, dtype="float32")


def summing_to_one(weights: Tensor) -> Tensor:
    """Weights `>= 0` divided by their sum; equal ones if all are 0."""
    total = ops.sum(weights)
    return ops.where(total > 0, weights / ops.where(total > 0, total, 1.0), equal(weights.shape[0]))
