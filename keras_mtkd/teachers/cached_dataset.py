"""Data sets whose batches bring teachers' features along."""

from typing import Any

import keras
import numpy as np

from keras_mtkd._data import cached_features
from keras_mtkd._data.content import content, sample_hashes
from keras_mtkd._storage.fingerprint import digest
from keras_mtkd.teachers.store import Store


def lookup(store: Store, x: Any) -> dict[str, np.ndarray]:
    """The features of a batch.

    Raises:
        ValueError: If a sample is not in the cache.
    """
    hashes = sample_hashes(x)
    missing = int((~store.knows(hashes)).sum())
    if missing:
        raise ValueError(
            f"{missing} of {len(hashes)} samples of a batch are not in the cache "
            f"'{store.directory}'. It holds features of exact inputs: cache the data as it is "
            "trained on, without random augmentation, and cache again when it changes."
        )
    return store.read(hashes)


class CachedDataset(keras.utils.PyDataset):
    """A data set, with the features of its samples, in whatever order they come.

    Args:
        data: The data set.
        store: Features by sample.
    """

    def __init__(self, data: keras.utils.PyDataset, store: Store) -> None:
        super().__init__(
            workers=data.workers,
            use_multiprocessing=data.use_multiprocessing,
            max_queue_size=data.max_queue_size,
        )
        self.data, self.store = data, store

    @property
    def feature_keys(self) -> list[str]:
        """Names of the features, which tell teachers and taps."""
        return self.store.keys

    @property
    def num_batches(self) -> int | None:
        return self.data.num_batches

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        batch = self.data[index]
        # A batch may be its inputs alone.
        x, *rest = batch if isinstance(batch, tuple | list) else (batch,)
        return cached_features.attach_features(x, lookup(self.store, x)), *rest

    def on_epoch_begin(self) -> None:
        self.data.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.data.on_epoch_end()

    def reset(self, seed: int | None = None) -> None:
        """Begin again with the first epoch's order, if the data set can."""
        if hasattr(self.data, "reset"):
            self.data.reset(seed)

    @property
    def epoch(self) -> int | None:
        """The epoch whose order the data set has, if it can tell."""
        return getattr(self.data, "epoch", None)

    def set_epoch(self, epoch: int) -> None:
        """Take the order of an epoch."""
        self.data.set_epoch(epoch)

    def fingerprint(self) -> str:
        """A hash of the data set's content."""
        return digest(content(self.data, "cached_features data"))
