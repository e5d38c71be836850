"""Inner products of gradients."""

from collections.abc import Sequence

from keras import ops

from keras_mtkd._backend.device import has_accelerator
from keras_mtkd._backend.types import Tensor


def gram_of(gradients: Sequence[Tensor]) -> Tensor:
    """The Gram matrix of tensors of one shape, `(gradients, gradients)` in float32.

    Accelerators multiply matrices in ten bits, and cosines would be off in the third digit. There
    tensors are split into a coarse and a fine part, whose products are about as exact as float32.
    """
    rows = ops.stack([ops.reshape(ops.cast(g, "float32"), (-1,)) for g in gradients])
    if not has_accelerator():
        return ops.matmul(rows, ops.transpose(rows))
    coarse = ops.cast(ops.cast(rows, "bfloat16"), "float32")
    mixed = ops.matmul(coarse, ops.transpose(rows - coarse))
    fine = ops.matmul(rows - coarse, ops.transpose(rows - coarse))
    return ops.matmul(coarse, ops.transpose(coarse)) + mixed + ops.transpose(mixed) + fine
