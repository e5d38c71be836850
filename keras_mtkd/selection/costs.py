"""Ground costs between the classes of a teacher and those of a student."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.batches import probe_batches
from keras_mtkd._data.read_labels import read_classes
from keras_mtkd.losses.task_losses import labels_of, per_task
from keras_mtkd.selection.reading import Reading, read_classifier

_LEAST = 1e-12


@mtkd_export("keras_mtkd.selection.ground_cost")
def ground_cost(
    teacher_classes: Any,
    student_classes: Any,
    rescale: bool = True,
    sharpen: float | None = None,
    center: bool = False,
) -> np.ndarray:
    """Cosine distances between classes that are described in one space.

    Args:
        teacher_classes: `(K, d)`, such as classifier rows or word vectors.
        student_classes: `(C, d)`, in the same space.
        rescale: Whether to shift and scale the costs to [0, 1].
        sharpen: If given, costs become `1 - exp(-sharpen * cost)`.
        center: Whether to subtract each side's mean over its classes first.

    Returns:
        `(K, C)`; cosine distances lie in [0, 2].

    Raises:
        ValueError: If shapes do not match or something is not finite.

    Source: cosine of classifier weights and the sharpening as in WKD (2024); class centres of the
    student as in REFILLED (2020); their use for cross-task distillation is reconstructed.
    """
    one, other = (np.asarray(each, "float64") for each in (teacher_classes, student_classes))
    if one.ndim != 2 or other.ndim != 2 or one.shape[1] != other.shape[1]:
        raise ValueError(
            "Classes must be described by vectors of one length, (K, d) and (C, d). "
            f"Received: {one.shape} and {other.shape}."
        )
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise ValueError("Descriptions of classes must be finite.")
    if center:
        one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    cost = 1.0 - _unit(one) @ _unit(other).T
    if rescale:
        low, high = cost.min(), cost.max()
        cost = (cost - low) / max(high - low, _LEAST)
    return cost if sharpen is None else 1.0 - np.exp(-sharpen * cost)


@mtkd_export("keras_mtkd.selection.class_centres")
def class_centres(embeddings: Any, labels: Any) -> np.ndarray:
    """Mean direction of the embeddings of every class.

    Args:
        embeddings: `(samples, d)`.
        labels: Class numbers, `(samples,)`; negative ones, `None` and NaN are missing.

    Returns:
        `(classes, d)` unit vectors, one for every class from 0 to the largest.

    Raises:
        ValueError: If a class has no sample or lengths differ.

    Source: see `ground_cost`.
    """
    values, classes = np.asarray(embeddings, "float64"), read_classes("classes", labels)
    if len(values) != len(classes):
        raise ValueError(f"Received {len(values)} embeddings and {len(classes)} labels.")
    count = int(classes.max(initial=-1)) + 1
    if not count:
        raise ValueError("There is no labelled sample, so classes have no centres.")
    missing = sorted(set(range(count)) - set(classes.tolist()))
    if missing:
        raise ValueError(
            f"There is no sample of class {missing[0]}. Use more samples, or number the classes "
            "from 0 without gaps."
        )
    return _unit(np.stack([values[classes == number].mean(axis=0) for number in range(count)]))


@mtkd_export("keras_mtkd.selection.teacher_cost")
def teacher_cost(
    teacher: keras.Model,
    data: Any,
    task: str | None = None,
    samples: int = 512,
    classifier: str | None = None,
    layer: str | None = None,
    rescale: bool = True,
) -> np.ndarray:
    """Ground cost between a teacher's classes and those of labelled data.

    A class of the teacher is the row of its classifier, a class of the data the mean of its
    embeddings by that teacher. No data of the teacher's is needed.

    Args:
        teacher: Functional classifier.
        data: Labelled batches or arrays `(x, y)`, `y` class numbers or `{task: class numbers}`.
        task: The task, where `y` is a dict.
        samples: Samples to look at.
        classifier: As in `rank_teachers`.
        layer: As in `rank_teachers`.
        rescale: As in `ground_cost`.

    Returns:
        `(teacher classes, student classes)`, for `CrossTaskDistillation`.

    Raises:
        TypeError: If the teacher is no model.
        ValueError: If it has no dense layer to read, or a class has no sample.

    Source: see `ground_cost`.
    """
    reading = read_classifier(teacher, classifier, layer)
    embeddings, labels = embed(reading, data, task, samples)
    return read_cost(reading, embeddings, labels, rescale)


def read_cost(
    reading: Reading, embeddings: np.ndarray, labels: np.ndarray, rescale: bool
) -> np.ndarray:
    """Ground cost between a classifier's rows and the centres of labelled embeddings.

    Both are centred: a softmax does not change when the same vector is added to all rows, and
    what all embeddings share tells no class from another.
    """
    return ground_cost(reading.rows, class_centres(embeddings, labels), rescale, center=True)


def embed(
    reading: Reading, data: Any, task: str | None, samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings `(n, d)` of the labelled ones of the first samples, and their classes `(n,)`."""
    embeddings, labels = [], []
    for x, y, weights in probe_batches(data, samples):
        classes = read_classes("classes", _labels(y, task))
        weight = per_task(weights, ["" if task is None else task])
        known = classes >= 0
        for given in weight.values():
            known &= np.asarray(given).reshape(len(known), -1).any(axis=1)
        embeddings.append(reading.embed(x)[known])
        labels.append(classes[known])
    return np.concatenate(embeddings), np.concatenate(labels)


def _labels(y: Any, task: str | None) -> Any:
    """The class numbers of a batch.

    Raises:
        ValueError: If there are none, or `task` does not tell which ones.
    """
    if task is None and isinstance(y, Mapping):
        raise ValueError(f"The labels have names: {list(y)}. Pass `task=`, one of them.")
    labels = y if task is None else labels_of(y, [task]).get(task)
    if labels is None:
        named = "" if task is None else f" for task '{task}'"
        given = f"{{task: labels}} for {list(y)}" if isinstance(y, Mapping) else type(y).__name__
        raise ValueError(
            f"The data has no labels{named}, and classes are told by them. Pass `(x, y)` or "
            f"`(x, {{task: y}})`. Received labels: {given}."
        )
    return labels


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _LEAST)
