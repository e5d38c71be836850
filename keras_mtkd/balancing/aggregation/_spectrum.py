"""Directions that gradients have in common, from the eigenvectors of their Gram matrix."""

from keras import ops

from keras_mtkd._backend.types import Tensor

# Single precision leaves nothing of eigenvalues further below the largest.
_ROUNDING = 1.2e-7


def spectrum(gram: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Eigenvalues, eigenvectors in columns, and 1 where an eigenvalue is not rounding error."""
    values, vectors = ops.eigh(gram)
    threshold = gram.shape[0] * _ROUNDING * ops.max(values)
    return values, vectors, ops.cast((values > threshold) & (values > 0), "float32")
