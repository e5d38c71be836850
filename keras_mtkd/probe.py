"""A bounded number of samples from any data set."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np


def probe_batches(data: Any, samples: int, batch_size: int = 64) -> Iterator[tuple[Any, Any, Any]]:
    """Batches `(x, y, weights)` of at most so many samples in all, one in memory at a time.

    Args:
        data: `(x, y)`, `(x, y, weights)` or `x` arrays, or a data set that can be iterated again
            and again.
        samples: Largest number of samples.
        batch_size: Samples a batch, where arrays are cut.

    Yields:
        Inputs, labels and sample weights (`None` without) of every batch.

    Raises:
        ValueError: If the data is empty or a generator, which would be used up.
    """
    if hasattr(data, "__next__") or data is None:
        raise ValueError(
            "A probe needs data that can be read again: arrays, a `tf.data.Dataset` or a "
            f"`PyDataset`. Received: {type(data).__name__}. Pass `data=` to the callback."
        )
    left = samples
    for batch in _batches(data, batch_size):
        parts = tuple(batch) if _is_pair(batch) else (batch,)
        x, y, weights = (*parts, None, None)[:3]
        size = len(keras.tree.flatten(x)[0])
        if left < size:
            x, y, weights = (_first(part, left) for part in (x, y, weights))
        yield x, y, weights
        left -= size
        if left <= 0:
            return
    if left == samples:
        raise ValueError("The probe data is empty.")


def _is_pair(batch: Any) -> bool:
    return isinstance(batch, tuple | list)


def _batches(data: Any, batch_size: int) -> Iterator[Any]:
    if isinstance(data, keras.utils.PyDataset):
        for index in range(data.num_batches or 0):
            yield data[index]
    elif isinstance(data, np.ndarray | dict) or _is_pair(data):
        parts = tuple(part for part in data if part is not None) if _is_pair(data) else (data,)
        count = len(keras.tree.flatten(parts[0])[0])
        for start in range(0, count, batch_size):
            rows = slice(start, start + batch_size)
            yield tuple(_rows(part, rows) for part in parts)
    else:
        yield from data


def _rows(part: Any, rows: slice) -> Any:
    return keras.tree.map_structure(lambda values: np.asarray(values)[rows], part)


def _first(part: Any, count: int) -> Any:
    return None if part is None else _rows(part, slice(0, count))
