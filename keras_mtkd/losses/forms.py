"""Predictions of classes and answers as logits or as probabilities."""

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.kinds import CLASS

# The smallest probability that float32 holds, and float16; and the half of the last place before 1.
_LEAST, _LEAST_HALF, _NEXT_TO_ONE = 2.0**-126, 2.0**-24, 2.0**-24


def logits_of(probabilities: Tensor, kind: str | None) -> Tensor:
    """Logits in float32, as a head of classes or answers would give them.

    Probabilities of 0 or 1 become the logits of the nearest that their precision tells from those:
    classes that a teacher all but rules out keep their order, which a temperature brings to light.

    Args:
        probabilities: `(batch, ...)`, of softmax or sigmoid.
        kind: `"class"`, else they are of answers.
    """
    half = keras.backend.standardize_dtype(probabilities.dtype) == "float16"
    probabilities = ops.cast(probabilities, "float32")
    logarithm = ops.log(ops.maximum(probabilities, _LEAST_HALF if half else _LEAST))
    if kind == CLASS:
        return logarithm
    return logarithm - ops.log(ops.maximum(1.0 - probabilities, _NEXT_TO_ONE))


def probabilities_of(logits: Tensor, kind: str | None, axis: int = -1) -> Tensor:
    """Probabilities in float32, likewise.

    Args:
        logits: `(batch, ...)`.
        kind: As above.
        axis: The axis of classes.
    """
    logits = ops.cast(logits, "float32")
    return ops.softmax(logits, axis=axis) if kind == CLASS else ops.sigmoid(logits)
