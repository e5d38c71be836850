"""Arrays in memory as a data set with a reproducible order."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._export import mtkd_export

Arrays = Mapping[str, np.ndarray]


@mtkd_export("keras_mtkd.datasets.ArrayDataset")
class ArrayDataset(keras.utils.PyDataset):
    """Batches of arrays, shuffled anew every epoch in an order that depends on the seed alone.

    Args:
        x: Inputs, `(samples, ...)`.
        y: Labels, `{task: (samples, ...)}`.
        sample_weight: Optional weights, `{task: (samples,)}`.
        batch_size: Samples a batch; the last one may be smaller.
        shuffle: Whether to shuffle.
        seed: Seed of the order.
        workers: Threads that prepare batches ahead, where more than one; the order is the same.

    Attributes:
        epoch: The epoch whose order it has; Keras moves on once more before the first.

    Raises:
        ValueError: If the arrays differ in length.
    """

    def __init__(
        self,
        x: np.ndarray,
        y: Arrays,
        sample_weight: Arrays | None = None,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
        workers: int = 1,
    ) -> None:
        super().__init__(workers=workers)
        self.x, self.y, self.sample_weight = x, dict(y), sample_weight
        self.batch_size, self.shuffle, self.seed = batch_size, shuffle, seed
        for task, values in {**self.y, **(sample_weight or {})}.items():
            if len(values) != len(x):
                raise ValueError(
                    f"Task '{task}' has {len(values)} labels or weights for {len(x)} inputs."
                )
        self.reset()

    def reset(self, seed: int | None = None) -> None:
        """Begin again with the order of the first epoch, by default under the same seed."""
        self.seed = self.seed if seed is None else seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Take the order of an epoch."""
        self.epoch = epoch
        self._order = self._order_of(epoch)

    def on_epoch_end(self) -> None:
        self.set_epoch(self.epoch + 1)

    def _order_of(self, epoch: int) -> np.ndarray:
        if not self.shuffle:
            return np.arange(len(self.x))
        return np.random.default_rng([self.seed, epoch]).permutation(len(self.x))

    @property
    def num_batches(self) -> int:
        return math.ceil(len(self.x) / self.batch_size)

    def __len__(self) -> int:
        return self.num_batches

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        batch = self.x[rows], {task: values[rows] for task, values in self.y.items()}
        if self.sample_weight is None:
            return batch
        return *batch, {task: values[rows] for task, values in self.sample_weight.items()}

    def fingerprint(self) -> str:
        """A hash of all arrays."""
        digest = hashlib.sha256()
        for values in (self.x, *self.y.values(), *(self.sample_weight or {}).values()):
            digest.update(str((values.shape, values.dtype)).encode())
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()
