"""Labels as arrays of numbers, whatever stands where there is none."""

from typing import Any

import numpy as np

# `-1` of pandas is what `mask_missing` takes for missing among whole numbers.
AS_NUMBERS = (
    "Give every class a number: `frame['{task}'].astype('category').cat.codes` of a column of "
    "pandas, where -1 stands for a missing label and `keras_mtkd.datasets.mask_missing` takes it. "
    "Give all parts of the data the same order of categories."
)


def read_labels(task: str, values: Any) -> tuple[np.ndarray, np.ndarray]:
    """Labels as an array of numbers, and where there is one: no `None`, `NA`, NaN, nothing masked.

    Raises:
        ValueError: If they are no numbers, or have different shapes.
    """
    masked = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    array = np.asarray(values) if hasattr(values, "__array__") else _array_of(task, values)
    if getattr(getattr(values, "dtype", None), "kind", None) in ("i", "u") and array.dtype == float:
        # Whole numbers of pandas that may be missing, which NumPy has as real ones.
        array = np.array([None if np.isnan(value) else int(value) for value in array])
    known = np.ones(array.shape, bool)
    if array.dtype.kind == "O":
        array, known = _numbers(array if array.ndim != 1 else _array_of(task, array))
    if array.dtype.kind == "f" or array.dtype.name == "bfloat16":
        known &= ~np.isnan(array)
    elif array.dtype.kind not in "iub":
        raise ValueError(
            f"The labels of '{task}' must be numbers, with `None` or NaN where one is missing. "
            f"Received: dtype {array.dtype}, beginning with {array.ravel()[:3].tolist()}."
            + (f" {AS_NUMBERS.format(task=task)}" if is_text(array) else "")
        )
    return array, known if masked is None else known & ~masked


def read_classes(task: str, values: Any) -> np.ndarray:
    """Class numbers in one row, -1 where there is none.

    Raises:
        ValueError: As `read_labels`.
    """
    classes, known = read_labels(task, values)
    return np.where(known, classes.astype("float64"), -1).ravel().astype(int)


def _array_of(task: str, values: Any) -> np.ndarray:
    """An array of a list, where `None` may stand for a whole label."""
    labels = list(values)
    like = next((np.asarray(label) for label in labels if not is_missing(label)), None)
    if like is not None and like.ndim:
        gap = np.full(like.shape, None)
        labels = [gap if is_missing(label) else label for label in labels]
    try:
        return np.asarray(labels)
    except ValueError as error:
        raise ValueError(f"The labels of '{task}' have different shapes: {error}") from None


def _numbers(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Objects as numbers, whole ones if all are, and where there is one."""
    known = np.array([not is_missing(value) for value in array.ravel()], bool)
    filled = [value if there else 0 for value, there in zip(array.ravel(), known, strict=True)]
    return np.asarray(filled).reshape(array.shape), known.reshape(array.shape)


def is_missing(value: Any) -> bool:
    """Whether a value is `None`, NaN, or what pandas has for either."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def is_text(array: np.ndarray) -> bool:
    """Whether labels are names of classes, though some may be missing."""
    if array.dtype.kind == "O":
        return any(isinstance(value, str | bytes) for value in array.ravel())
    return array.dtype.kind in "UST"
