"""The distance of adaptive feature distillation."""

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.normalized_l2 import EPSILON, NormalizedL2


class AdaptiveL2(NormalizedL2):
    """`|| u(student) - σ u(teacher) ||²` at every position, with `u` as in `NormalizedL2`.

    For features of a fixed angle it is least at `σ = cos`, where it is `1 - cos²`: training may
    turn a layer off that does not help, by `σ = 0`.

    Args:
        like: The distance whose axis, reduction and dtype it takes over.
        sigma: The scalar weight σ, which belongs to the model.
    """

    def __init__(self, like: NormalizedL2, sigma: keras.Variable) -> None:
        super().__init__(like.axis, like.reduction, dtype=like.dtype)
        self._sigma = sigma

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        teacher, student = self._inner(y_true, y_true), self._inner(y_pred, y_pred)
        sigma = ops.convert_to_tensor(self._sigma, dtype=teacher.dtype)
        both = ops.rsqrt(teacher + EPSILON) * ops.rsqrt(student + EPSILON)
        lengths = sigma**2 * teacher / (teacher + EPSILON) + student / (student + EPSILON)
        # Rounding must not make a distance negative.
        return ops.maximum(lengths - 2.0 * sigma * both * self._inner(y_true, y_pred), 0.0)
