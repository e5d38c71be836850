"""Random numbers of a step that follow from a seed and the number of the step."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor


class SeedOfStep(keras.random.SeedGenerator):
    """A seed that follows from a number and a step, where Keras wants something that counts."""

    def __init__(self, seed: int, step: Tensor) -> None:
        self.value = ops.stack([ops.full((), seed, "uint32"), ops.cast(step, "uint32")])

    def next(self, ordered: bool = True) -> Any:
        return self.value


def check_seed(seed: int | None) -> int | None:
    """Return the seed, or say why it is none."""
    if seed is not None and not 0 <= seed < 2**32:
        raise ValueError(f"`seed` must be None or from 0 to 2**32 - 1. Received: seed={seed}.")
    return seed
