"""Pairs of scanned digits with six tasks: the embedded default, nothing to download."""

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.loading import register
from keras_mtkd.datasets.scale import check_scale
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

_SIDE = 8
_LEVELS = 16.0
_SHARES = (0.6, 0.2)


@mtkd_export("keras_mtkd.datasets.digits")
@register(
    "digits",
    "Pairs of scanned digits: which, odd or even, sum, ink.",
    tasks=("left", "right", "left_parity", "right_parity", "sum", "ink"),
    needs="scikit-learn, which brings the scans",
)
def digits(
    train_size: int = 4000,
    validation_size: int = 1000,
    test_size: int = 1000,
    overlap: int = 3,
    batch_size: int = 64,
    width: int = 16,
    seed: int = 0,
    scale: int = 1,
) -> Problem:
    """Two scanned digits side by side, overlapping, and six questions about them.

    The scans are the 1,797 of 8×8 pixels in 17 grey levels that come with scikit-learn. They
    are divided 60 : 20 : 20 into training, validation and test scans before any pair is made,
    so that no test scan is ever seen in training. Where two scans overlap the darker ink wins.

    Tasks: `left` and `right` (10 classes), `left_parity` and `right_parity` (odd or even),
    `sum` (regression on the sum of both digits, 0 to 18) and `ink` (regression on the mean
    intensity in grey levels, 0 to 16). Regression is scored by R², whose relative changes, unlike
    those of an error near 0, can be averaged with those of accuracies.

    Args:
        train_size: Pairs for training.
        validation_size: Pairs for validation.
        test_size: Pairs for testing.
        overlap: Columns in which the two scans overlap, 0 to 8.
        batch_size: Pairs a batch.
        width: Width of the shared feature. Small on purpose, so that tasks compete.
        seed: Seed of the division, the pairs and the training order.
        scale: Factor of the filters before the shared feature: 4 for a larger teacher.

    Returns:
        A `Problem` with inputs `(batch, 8, 16 - overlap, 1)` in [0, 1].

    Raises:
        ValueError: If `overlap`, `scale` or a size is out of range.
        ImportError: If scikit-learn is not installed.
    """
    if not 0 <= overlap <= _SIDE:
        raise ValueError(f"`overlap` must be 0 to {_SIDE} columns. Received: overlap={overlap}.")
    sizes = (train_size, validation_size, test_size)
    if min(sizes) < 1:
        raise ValueError(f"Sizes must be positive. Received: {sizes}.")
    check_scale(scale)
    generator = np.random.default_rng(seed)
    parts = [
        ArrayDataset(*_pairs(images, labels, size, overlap, generator), batch_size=batch_size)
        for (images, labels), size in zip(_scans(generator), sizes, strict=True)
    ]
    parts[0].shuffle = True
    parts[0].reset(seed)
    shape = (_SIDE, 2 * _SIDE - overlap, 1)
    return Problem("digits", _tasks(), lambda: _backbone(shape, width, scale), *parts)


def _scans(generator: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Images and labels of the training, validation and test scans."""
    images, labels = require("sklearn.datasets", "datasets").load_digits(return_X_y=True)
    images = (images.reshape(-1, _SIDE, _SIDE) / _LEVELS).astype("float32")
    order = generator.permutation(len(images))
    cuts = np.cumsum([int(share * len(images)) for share in _SHARES])
    return [(images[rows], labels[rows]) for rows in np.split(order, cuts)]


def _pairs(
    images: np.ndarray, labels: np.ndarray, size: int, overlap: int, generator: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Inputs and labels of pairs of two different scans."""
    left = generator.integers(len(images), size=size)
    right = (left + generator.integers(1, len(images), size=size)) % len(images)
    canvas = np.zeros((size, _SIDE, 2 * _SIDE - overlap), "float32")
    canvas[:, :, :_SIDE] = images[left]
    canvas[:, :, -_SIDE:] = np.maximum(canvas[:, :, -_SIDE:], images[right])
    one, other = labels[left].astype("int32"), labels[right].astype("int32")
    y = {
        "left": one,
        "right": other,
        "left_parity": (one % 2).astype("float32")[:, None],
        "right_parity": (other % 2).astype("float32")[:, None],
        "sum": (one + other).astype("float32")[:, None],
        "ink": _LEVELS * canvas.mean(axis=(1, 2))[:, None],
    }
    return canvas[..., None], y


def _tasks() -> list[Task]:
    dense = keras.layers.Dense
    classes = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    answers = keras.losses.BinaryCrossentropy(from_logits=True)
    squared = keras.losses.MeanSquaredError()
    right = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    even = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)
    fit = [keras.metrics.R2Score(name="r2"), keras.metrics.MeanAbsoluteError(name="mae")]
    return [
        Task("left", lambda: dense(10), classes, [right]),
        Task("right", lambda: dense(10), classes, [right]),
        Task("left_parity", lambda: dense(1), answers, [even]),
        Task("right_parity", lambda: dense(1), answers, [even]),
        Task("sum", lambda: dense(1), squared, fit),
        Task("ink", lambda: dense(1), squared, fit),
    ]


def _backbone(shape: tuple[int, ...], width: int, scale: int) -> keras.Model:
    """Two small convolutions and one narrow shared feature."""
    layers = keras.layers
    inputs = keras.Input(shape)
    x = layers.Conv2D(8 * scale, 3, padding="same", activation="relu")(inputs)
    x = layers.Conv2D(16 * scale, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    outputs = layers.Dense(width, activation="relu", name="features")(x)
    return keras.Model(inputs, outputs, name="digits_backbone")
