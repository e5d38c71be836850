"""What teachers answer to the first samples of labelled data, beside the labels."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._data.batches import probe_batches
from keras_mtkd._data.read_once import may_be_read
from keras_mtkd.losses.labelled import labelled_positions
from keras_mtkd.losses.positions import fit_weights
from keras_mtkd.losses.task_losses import labels_of, per_task

# Of arrays so many are predicted at once: maps are large.
_SAMPLES, _AT_ONCE = 64, 16


def first_answers(
    data: Any, tasks: Iterable[str], predict: Callable[[Any], Mapping[str, Any]]
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Labels, predictions and weights of at most 64 samples, `{task: (y, p, weight)}`.

    Args:
        data: What `probe_batches` reads; of other data nothing is told.
        tasks: The tasks to look at; of those that have no labels nothing is told.
        predict: From the inputs of a batch to what the teachers predict, `{task: predictions}`.
    """
    names = list(tasks)
    if not names or not may_be_read(data):
        return {}
    seen: dict[str, list[tuple[Any, Any, Any]]] = {task: [] for task in names}
    for x, y, weights in probe_batches(data, _SAMPLES, _AT_ONCE):
        labels, known = labels_of(y, names), per_task(weights, names)
        predictions = predict(x) if labels else {}
        for task, label in labels.items():
            weight = known.get(task, np.ones(len(label)))
            seen[task].append((label, predictions[task], weight))
    return {task: _joined(parts) for task, parts in seen.items() if parts}


def _joined(parts: list[tuple[Any, Any, Any]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, p, weight = (
        np.concatenate([*map(ops.convert_to_numpy, part)]) for part in zip(*parts, strict=True)
    )
    return y, p, weight


def known_positions(loss: Any, labels: Any, predictions: Any, weight: Any) -> np.ndarray:
    """Where there are labels, `(samples, ...)` with at most the axes of the predictions.

    Args:
        loss: The loss of the task, which may leave out labels.
        labels: `(samples, ...)`.
        predictions: `(samples, ..., classes or channels)`.
        weight: Weights of samples or positions, of which those of 0 have no label, or `None`.
    """
    positions = ops.ones(tuple(predictions.shape)[:-1] or (len(labels),))
    known = ops.convert_to_numpy(positions) != 0
    labelled = labelled_positions(loss, labels, predictions)
    if labelled is not None:
        known = known & ops.convert_to_numpy(labelled).reshape(known.shape)
    if weight is not None:
        known = known & (ops.convert_to_numpy(fit_weights(weight, positions)) != 0)
    return known
