"""Loss values on a logarithmic scale, where a task may be missing."""

from keras import ops

from keras_mtkd._backend.types import Tensor

LEAST = 1e-20
# Of what is summed: an epoch's sum must not overflow either.
LARGEST = 1e30
# Of weights: exp(60) is 1e26, which single precision holds with room for products.
_LARGEST_LOG = 60.0


def present(losses: Tensor) -> Tensor:
    """Which tasks have a loss in this step, `(tasks,)`, boolean."""
    return losses > LEAST


def logs(losses: Tensor) -> Tensor:
    """Logarithms, and 0 for missing tasks."""
    return ops.log(ops.where(present(losses), losses, 1.0))


def added(condition: Tensor, losses: Tensor) -> Tensor:
    """What these losses add to an epoch's sums: 0 where the condition does not hold."""
    return masked(condition, ops.minimum(losses, LARGEST))


def exp(values: Tensor) -> Tensor:
    """`exp`, cut where single precision would overflow."""
    return ops.exp(ops.minimum(values, _LARGEST_LOG))


def masked(condition: Tensor, values: Tensor) -> Tensor:
    """The values where the condition holds, else 0."""
    return ops.where(condition, values, ops.zeros_like(values))
