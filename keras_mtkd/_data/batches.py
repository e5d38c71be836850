"""A bounded number of samples from any data set."""

from collections.abc import Iterator
from numbers import Real
from typing import Any

import keras
import numpy as np

from keras_mtkd._data.cached_features import detach_features
from keras_mtkd._data.read_once import may_be_read

# Bytes of inputs that are read in one go: small batches cost more in calls than in arithmetic.
_AT_ONCE = 2**22


def as_data(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """What `fit` was given as one: `(x, y, sample_weight)`, or `x` if that is all the data.

    A list or tuple without labels beside it are the inputs of a model that has several, as Keras
    reads it, and not a batch.
    """
    return (x, y, sample_weight) if y is not None or _is_pair(x) else x


def probe_batches(data: Any, samples: int, batch_size: int = 64) -> Iterator[tuple[Any, Any, Any]]:
    """Batches `(x, y, weights)` of at most so many samples in all, one in memory at a time.

    Args:
        data: `(x, y)`, `(x, y, weights)` or `x` arrays, or a data set that can be iterated again
            and again. Lists of numbers in them count as arrays.
        samples: Largest number of samples.
        batch_size: Samples a batch, where arrays are cut.

    Yields:
        Inputs, labels and sample weights (`None` without) of every batch.

    Raises:
        ValueError: If the data is empty, a generator, which would be used up, or distributed.
    """
    if not may_be_read(data):
        raise ValueError(
            "A probe needs data that can be read again, in whole batches: arrays, a "
            f"`tf.data.Dataset` or a `PyDataset`. Received: {type(data).__name__}. Pass "
            "`data=` to the callback."
        )
    left = samples
    for batch in batches(data, batch_size):
        x, y, weights = map(_with_arrays, (*batch, None, None)[:3])
        x, _ = detach_features(x)
        size = len(keras.tree.flatten(x)[0])
        if left < size:
            x, y, weights = (_select(part, slice(0, left)) for part in (x, y, weights))
        yield x, y, weights
        left -= size
        if left <= 0:
            return
    if left == samples:
        raise ValueError("The probe data is empty.")


def first_inputs(data: Any) -> Any:
    """The inputs of arrays, or of the first batch of a data set; `None` of what `fit` alone reads.

    Args:
        data: What `fit` takes as `x`.
    """
    if not may_be_read(data):
        return None
    if hasattr(data, "__array__") or isinstance(data, dict) or _is_pair(data):
        return _with_arrays(data)
    return next(iter(batches(data)), (None,))[0]


def join_batches(batches: Iterator[tuple[Any, Any, Any]]) -> Iterator[tuple[Any, Any, Any]]:
    """The same batches, small ones put together; for what treats every sample alike."""
    waiting: list[tuple[Any, Any, Any]] = []
    size = 0
    for batch in batches:
        waiting.append(batch)
        size += sum(np.asarray(part).nbytes for part in keras.tree.flatten(batch[0]))
        if size >= _AT_ONCE:
            yield _concatenate(waiting)
            waiting, size = [], 0
    if waiting:
        yield _concatenate(waiting)


def _concatenate(waiting: list[tuple[Any, Any, Any]]) -> tuple[Any, Any, Any]:
    if len(waiting) == 1:
        return waiting[0]
    x, y, weights = (
        None
        if any(part is None for part in parts)
        else keras.tree.map_structure(lambda *rows: np.concatenate(rows), *parts)
        for parts in zip(*waiting, strict=True)
    )
    return x, y, weights


def _is_pair(batch: Any) -> bool:
    return isinstance(batch, tuple | list)


def batches(data: Any, batch_size: int = 64) -> Iterator[tuple[Any, ...]]:
    """Batches `(x, ...)` of arrays or of a data set, read once from its beginning.

    Args:
        data: Arrays, one or a tuple, in which lists of numbers count as arrays; or anything that
            gives batches.
        batch_size: Samples a batch, where arrays are cut.
    """
    if isinstance(data, keras.utils.PyDataset):
        found: Any = (data[index] for index in range(data.num_batches or 0))
    elif hasattr(data, "__array__") or isinstance(data, dict) or _is_pair(data):
        # Tensors would be iterated sample by sample, data frames column by column.
        parts = tuple(map(_with_arrays, _without_end(data) if _is_pair(data) else (data,)))
        count = len(keras.tree.flatten(parts[0])[0])
        starts = range(0, count, batch_size)
        cuts = (slice(start, start + batch_size) for start in starts)
        found = (tuple(_select(part, rows) for part in parts) for rows in cuts)
    else:
        found = data
    for batch in found:
        yield tuple(batch) if _is_pair(batch) else (batch,)


def _without_end(parts: Any) -> tuple[Any, ...]:
    """The parts without the last ones that are missing."""
    given = [number for number, part in enumerate(parts, 1) if part is not None]
    return tuple(parts)[: max(given, default=0)]


def _with_arrays(part: Any) -> Any:
    """Inputs, labels or weights with lists of numbers as arrays: to Keras lists are structures."""
    return keras.tree.traverse(_array_of_numbers, part)


def _array_of_numbers(value: Any) -> Any:
    """The array of a list of numbers, `None` for all else."""
    if not isinstance(value, list | tuple) or not _holds_numbers(value):
        return None
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(
            "Lists of numbers must have one shape, as the rows of an array have. "
            f"Received: {error}. Pass arrays; several inputs are a list of arrays."
        ) from None


def _holds_numbers(value: Any) -> bool:
    """Whether it is a number or holds numbers alone, though some may be missing."""
    if isinstance(value, list | tuple):
        some = any(each is not None for each in value)
        return some and all(each is None or _holds_numbers(each) for each in value)
    return isinstance(value, Real | np.bool_)


def _select(part: Any, rows: slice) -> Any:
    if part is None:
        return None
    return keras.tree.map_structure(
        lambda values: None if values is None else np.asarray(values)[rows], part
    )
