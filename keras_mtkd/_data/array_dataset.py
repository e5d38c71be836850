"""Arrays in memory as a data set with a reproducible order."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.content import of_arrays


@mtkd_export("keras_mtkd.datasets.ArrayDataset")
class ArrayDataset(keras.utils.PyDataset):
    """Batches of arrays, shuffled anew every epoch by the seed alone.

    A distiller's or `MultiTaskModel`'s `fit` takes the batches as they come. That of a plain Keras
    model draws the order of the batches, not what is in them, from the global seed (Keras 3.15.1),
    unless it is called with `shuffle=False`.

    Args:
        x: Inputs, `(samples, ...)`, or a list or tuple of them, or a dict, nested or not; batches
            of a list are tuples.
        y: Labels, `{task: (samples, ...)}`; tasks with `None` have none.
        sample_weight: Optional weights, `{task: (samples,)}`. Inputs, labels and weights may be
            anything that NumPy makes an array of, such as lists, tensors, and data frames and
            series of pandas, whose rows go by their place and not by their index.
        batch_size: Samples a batch; the last one may be smaller.
        shuffle: Whether to shuffle.
        seed: Seed of the order.
        workers: Threads that prepare batches ahead, where more than one; the order is the same.

    Attributes:
        epoch: The epoch whose order it has; Keras moves on once more before the first.

    Raises:
        TypeError: If the labels or weights are no dict.
        ValueError: If the arrays differ in length.
    """

    def __init__(
        self,
        x: Any,
        y: Mapping[str, Any],
        sample_weight: Mapping[str, Any] | None = None,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
        workers: int = 1,
    ) -> None:
        super().__init__(workers=workers)
        self.x = _inputs(x)
        self.y = _by_task("y", y)
        self.sample_weight = None
        if sample_weight is not None:
            self.sample_weight = _by_task("sample_weight", sample_weight)
        self.batch_size, self.shuffle, self.seed = batch_size, shuffle, seed
        self.samples = self._checked_samples()
        self.reset()

    def _checked_samples(self) -> int:
        lengths = {len(part) for part in keras.tree.flatten(self.x)}
        if len(lengths) != 1:
            raise ValueError(
                f"The inputs must all have the same number of samples. Received: {sorted(lengths)}."
            )
        (samples,) = lengths
        for given in (self.y, self.sample_weight or {}):
            for task, values in given.items():
                if len(values) != samples:
                    raise ValueError(
                        f"Task '{task}' has {len(values)} labels or weights for {samples} inputs."
                    )
        return samples

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
            return np.arange(self.samples)
        return np.random.default_rng([self.seed, epoch]).permutation(self.samples)

    @property
    def num_batches(self) -> int:
        return math.ceil(self.samples / self.batch_size)

    def __len__(self) -> int:
        return self.num_batches

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        parts = (self.x, self.y, self.sample_weight)
        given = parts if self.sample_weight is not None else parts[:2]
        return keras.tree.map_structure(lambda values: values[rows], given)

    def fingerprint(self) -> str:
        """A hash of all arrays and their names; batches and their order are not part of it."""
        return of_arrays((self.x, self.y, self.sample_weight))

    def fingerprint_before(self) -> str:
        """The hash by which folders know the data that do not say which version kept them."""
        weights = self.sample_weight or {}
        digest = hashlib.sha256()
        for values in (*keras.tree.flatten(self.x), *self.y.values(), *weights.values()):
            digest.update(str((values.shape, values.dtype)).encode())
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()


def as_dataset(data: Any, shuffle: bool, role: str) -> Any:
    """Data of batches as it is, arrays as an `ArrayDataset`.

    Args:
        data: A `PyDataset`, a batched `tf.data.Dataset`, or arrays `(x, y)` or
            `(x, y, sample_weight)`.
        shuffle: Whether to shuffle arrays.
        role: What the data is, for the message.

    Raises:
        TypeError: If it is of another kind.
    """
    if isinstance(data, keras.utils.PyDataset) or hasattr(data, "element_spec"):
        return data
    if isinstance(data, tuple) and len(data) in (2, 3):
        x, y, sample_weight = (*data, None)[:3]
        return ArrayDataset(x, y, sample_weight, shuffle=shuffle)
    raise TypeError(
        f"The {role} must be a `PyDataset`, a batched `tf.data.Dataset` or arrays `(x, y)` or "
        f"`(x, y, sample_weight)`. Received: {type(data).__name__}. Wrap what gives its batches by "
        "itself, such as a generator or a `DataLoader`, in a `keras.utils.PyDataset`, whose "
        "batches can be read again."
    )


def _inputs(x: Any) -> Any:
    """Arrays in the structure of the inputs; a list that holds no arrays is one itself."""
    if isinstance(x, Mapping):
        # A list in a dict is the array of one input.
        return {
            name: _inputs(values) if isinstance(values, Mapping) else _array(values)
            for name, values in x.items()
        }
    if isinstance(x, list | tuple) and x and all(hasattr(part, "__array__") for part in x):
        # Of batches of a `PyDataset`, `fit` on TensorFlow takes no lists.
        return tuple(_array(part) for part in x)
    return _array(x)


def _by_task(name: str, given: Any) -> dict[str, np.ndarray]:
    # A data frame is taken for its columns.
    if not isinstance(given, Mapping) and not hasattr(given, "columns"):
        raise TypeError(
            f"`{name}` must be a dict, `{{task: array}}`. Received: {type(given).__name__}."
        )
    # Tasks may say that they have none, as in `fit`.
    return {task: _array(values) for task, values in dict(given).items() if values is not None}


def _array(values: Any) -> np.ndarray:
    return values if isinstance(values, np.ndarray) else keras.ops.convert_to_numpy(values)
