"""The mean gradient, seen through the Gram matrix."""

from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import gramian


def mean_length(gram: Tensor) -> Tensor:
    """Length of the mean gradient."""
    return gramian.length(gram, gramian.equal(gram.shape[0]))


def cosines_with_mean(gram: Tensor) -> Tensor:
    """Cosine of every task's gradient with the mean gradient, `(tasks,)`; 0 without either."""
    scale = gramian.inverse(gramian.norms(gram)) * gramian.inverse(mean_length(gram))
    return ops.clip(ops.mean(gram, axis=1) * scale, -1.0, 1.0)
