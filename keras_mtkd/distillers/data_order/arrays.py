"""Arrays as `fit` takes them: which of them can be put in order here, and batches of them."""

import math
from typing import Any

import keras
import numpy as np

from keras_mtkd.distillers.data_order.passes import Passes

_TORCH = "torch"


def as_arrays(x: Any, y: Any, sample_weight: Any) -> tuple[Any, ...] | None:
    """What Keras makes of arrays, tensors, data frames and series.

    Returns:
        `(x,)`, `(x, y)` or `(x, y, sample_weight)` of NumPy arrays of one length, floats in Keras'
        default precision; `None` for what is left to Keras: other kinds, and what it refuses.
    """
    given = (x, y, sample_weight)
    given = given[: 3 if sample_weight is not None else 2 if y is not None else 1]
    leaves = [leaf for leaf in keras.tree.flatten(given) if leaf is not None]
    if not all(map(_is_dense, leaves)):
        return None
    arrays: Any = keras.tree.map_structure(_as_array, given)
    leaves = [leaf for leaf in keras.tree.flatten(arrays) if leaf is not None]
    if len({leaf.shape[:1] for leaf in leaves}) != 1 or not all(map(_is_plain, leaves)):
        return None
    if sample_weight is None:
        return arrays
    weights = _of_every_output(arrays[1], arrays[2])
    return None if weights is None else (*arrays[:2], weights)


def count(arrays: Any) -> int:
    """The number of samples."""
    return next(len(leaf) for leaf in keras.tree.flatten(arrays) if leaf is not None)


def split(arrays: Any, share: float) -> tuple[Any, Any] | None:
    """Arrays for training, and the last samples of all for validation.

    Args:
        arrays: Arrays of one length.
        share: The share of the samples that is for validation.

    Returns:
        Both; `None` if one of them has no samples, which Keras refuses.
    """
    samples = count(arrays)
    place = math.floor(samples * (1.0 - share))
    if not 0 < place < samples:
        return None
    return _cut(arrays, slice(0, place)), _cut(arrays, slice(place, None))


class ArrayBatches(keras.utils.PyDataset):
    """Batches of arrays.

    Args:
        arrays: Arrays of one length, in any structure.
        passes: The rows of every step.
    """

    def __init__(self, arrays: Any, passes: Passes) -> None:
        super().__init__()
        self.arrays, self.passes = arrays, passes
        self._leaves = keras.tree.flatten(arrays)

    @property
    def num_batches(self) -> int:
        return self.passes.steps

    def __getitem__(self, index: int) -> Any:
        rows = self.passes.of_step(index)
        parts = [None if leaf is None else leaf.take(rows, axis=0) for leaf in self._leaves]
        return keras.tree.pack_sequence_as(self.arrays, parts)


def _cut(arrays: Any, rows: slice) -> Any:
    return keras.tree.map_structure(lambda v: None if v is None else v[rows], arrays)


def _is_dense(value: Any) -> bool:
    """Whether it becomes an array by itself. PyTorch's tensors may lie on another device."""
    kind = type(value).__module__.split(".")[0]
    return kind != _TORCH and hasattr(value, "__array__") and bool(getattr(value, "shape", ()))


def _as_array(value: Any) -> np.ndarray | None:
    if value is None:
        return None
    floatx = keras.config.floatx()
    # By name, since pandas need not be installed.
    if type(value).__module__.startswith("pandas"):
        if value.ndim == 2 and any(_is_float(kind) for kind in value.dtypes):
            value = value.astype(floatx)
        array = value.to_numpy()
        array = array[:, None] if array.ndim == 1 else array
    else:
        array = np.asarray(value)
    return array.astype(floatx, copy=False) if _is_float(array.dtype) else array


def _is_float(dtype: Any) -> bool:
    return str(dtype).startswith(("float", "bfloat"))


def _is_plain(array: np.ndarray) -> bool:
    """Whether it holds numbers or text, and not other objects."""
    if array.dtype == object:
        return array.ndim > 0 and all(isinstance(entry, str | bytes) for entry in array.flat)
    return array.ndim > 0 and array.dtype.kind in "biufcSU"


def _of_every_output(y: Any, weights: Any) -> Any:
    """One array of weights for every output, as Keras replicates it; `None` for what it refuses."""
    if not keras.tree.is_nested(y):
        return weights
    if keras.tree.is_nested(weights):
        try:
            keras.tree.assert_same_structure(y, weights)
        except ValueError:
            return None
        return weights
    if weights.ndim == 1 or weights.shape[1:] == (1,):
        return keras.tree.map_structure(lambda _: weights, y)
    return None
