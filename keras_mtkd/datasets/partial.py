"""Labels that are not all there."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.warn import warn
from keras_mtkd._data.read_labels import is_missing, read_labels

Labels = dict[str, np.ndarray]


@mtkd_export("keras_mtkd.datasets.mask_missing")
def mask_missing(
    y: Mapping[str, Any],
    missing: Mapping[str, Any] | None = None,
    masks: Mapping[str, Any] | None = None,
    positions: bool = True,
) -> tuple[Labels, Labels]:
    """Turn missing labels into weights of 0, so that they take no part in loss and metrics.

    A label is missing if it is `None` or NaN (as pandas' `NA`), negative (whole numbers), the value
    that `missing` gives, masked in a masked array, or where a mask is false. A negative real number
    is a label, since a measurement may be one: where -1 beside 0 and 1 looks like an answer that is
    missing there is a warning.

    Args:
        y: `{task: (samples, ...)}`: arrays, lists, columns of data frames. Whole numbers stay whole
            among `None` and `NA`; a `None` for a vector or map is all of it.
        missing: `{task: value}` that stands for a missing label, instead of negative; NaN says that
            nothing else does in real numbers.
        masks: `{task: mask}`, true where labelled; of the labels' shape, that shape without its
            last axis, or `(samples,)`. In addition to the rule above.
        positions: For labels of maps `(samples, height, width, ...)`, and for several whole
            numbers a sample, as classes of tokens `(samples, steps)`: whether each has a weight of
            its own.
            False gives a sample weight 1 only if it is labelled everywhere.

    Returns:
        Labels without gaps (0 where missing) and `{task: weights}` in float32: `(samples,)`, or
        `(samples, height, width)` for maps and `(samples, steps)` for tokens. A last axis of real
        values of one label (a vector) is missing as a whole; give real maps and series with one
        value a position such an axis, `(samples, height, width, 1)`.

    Raises:
        TypeError: If labels, `missing` or `masks` are not by task.
        ValueError: If `missing` or `masks` name a task without labels, labels are no numbers or
            have different shapes, or a mask does not fit.

    Examples:
        >>> labels = {"age": np.array([[31.0], [np.nan]]), "sex": np.array([-1, 1])}
        >>> y, weights = mask_missing(labels)
        >>> weights["age"].tolist(), weights["sex"].tolist(), y["sex"].tolist()
        ([1.0, 0.0], [0.0, 1.0], [0, 1])
        >>> y, weights = mask_missing({"kind": [2, None, 0]})
        >>> weights["kind"].tolist(), y["kind"].tolist()
        ([1.0, 0.0, 1.0], [2, 0, 0])
    """
    _check_by_task(y=y, missing=missing, masks=masks)
    missing, masks = ({} if each is None else each for each in (missing, masks))
    for task in [*missing, *masks]:
        if task not in y:
            raise ValueError(f"There are no labels for '{task}'. Received labels for: {sorted(y)}.")
    labels, weights = {}, {}
    for task, values in y.items():
        array, known = read_labels(task, values)
        known &= _known(array, missing.get(task))
        if task in masks:
            known &= _fit_mask(task, np.asarray(masks[task], bool), array.shape)
        if task not in missing:
            _tell_of_answers(task, array, known)
        labels[task] = np.where(known, array, np.zeros((), array.dtype))
        weights[task] = _weights(known, array.dtype, positions)
    return labels, weights


def _check_by_task(**given: Any) -> None:
    """Refuse what has no names of tasks, which data frames have as those of their columns."""
    wanted = {"y": "labels", "missing": "value", "masks": "mask"}
    for name, value in given.items():
        by_task = isinstance(value, Mapping) or hasattr(value, "columns")
        if not by_task and (value is not None or name == "y"):
            raise TypeError(
                f"`{name}` must be `{{task: {wanted[name]}}}`, as `{name}={{'age': ...}}`. "
                f"Received: {name} of type {type(value).__name__}."
            )


def _known(array: np.ndarray, missing: Any) -> np.ndarray:
    if missing is not None and not is_missing(missing):
        return array != missing
    return array >= 0 if array.dtype.kind in "iub" else np.ones(array.shape, bool)


def _tell_of_answers(task: str, array: np.ndarray, known: np.ndarray) -> None:
    """A word where real numbers look like yes, no, and -1 for neither."""
    if array.dtype.kind in "iub":
        return
    values = array[known]
    found = [values == number for number in (-1, 0, 1)]
    if all(one.any() for one in found) and np.logical_or.reduce(found).all():
        warn(
            f"The labels of '{task}' are the real numbers -1, 0 and 1, of which -1 counts as a "
            f"label, {int(found[0].sum())} times. If it stands for a missing one, give whole "
            f"numbers, as `labels.astype(int)`, NaN in its place, `missing={{'{task}': -1}}` or "
            f"`masks=`. If it is a label, as in a game that was lost, `missing={{'{task}': "
            "float('nan')}` says so.",
        )


def _fit_mask(task: str, mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The mask with axes of length 1 added, to multiply labels of the given shape."""
    if mask.shape != shape[: mask.ndim]:
        raise ValueError(
            f"The mask of '{task}' has shape {mask.shape}, which does not begin the shape of its "
            f"labels, {shape}."
        )
    return mask.reshape(mask.shape + (1,) * (len(shape) - mask.ndim))


def _weights(known: np.ndarray, dtype: np.dtype, positions: bool) -> np.ndarray:
    """Weights of samples or positions: a label's own values are the last axis of real ones."""
    sparse = dtype.kind in "iub"
    own = known.ndim if sparse and known.shape[-1:] != (1,) else known.ndim - 1
    last = own if positions and (sparse or known.ndim >= 3) else 1
    return known.all(axis=tuple(range(max(last, 1), known.ndim))).astype("float32")
