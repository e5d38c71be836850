"""A handwritten digit and a piece of clothing in one picture: four tasks of unequal difficulty."""

import os
import zipfile
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.downloading import downloading
from keras_mtkd.datasets.loading import register
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

_SMALL, _SIDE = 28, 36
_WHITE = 255.0
_VALIDATION_SHARE = 6
# Fashion-MNIST's ten articles as: tops, trousers and dresses, shoes, bags.
_COARSE = np.array([0, 1, 0, 1, 0, 2, 0, 2, 3, 2], "int32")
_FILES = ("x_train", "y_train", "x_test", "y_test")

_WITHOUT_NETWORK = (
    "Pass a folder with `mnist.npz` and `fashion_mnist.npz` as `path`, `--path` of the command, or "
    "call `keras.datasets.mnist.load_data()` and `keras.datasets.fashion_mnist.load_data()` where "
    "there is a network and copy the folder `~/.keras/datasets` from there."
)

Labelled = tuple[np.ndarray, np.ndarray]
PathLike = str | os.PathLike[str]


@mtkd_export("keras_mtkd.datasets.digit_and_clothing")
@register(
    "digit-and-clothing",
    "A digit and a piece of clothing in one picture.",
    lambda make, folder: make(folder / "mnist.npz", folder / "fashion_mnist.npz"),
    tasks=("digit", "item", "coarse", "sum"),
    needs="a download by Keras, once, or a folder with `mnist.npz` and `fashion_mnist.npz`",
)
def digit_and_clothing(
    mnist: PathLike | None = None,
    fashion_mnist: PathLike | None = None,
    train_size: int = 8000,
    validation_size: int = 2000,
    test_size: int = 4000,
    batch_size: int = 64,
    width: int = 16,
    seed: int = 0,
) -> Problem:
    """MNIST digits overlaid with Fashion-MNIST articles at 36 × 36, and four questions about them.

    The digit lies in one corner, the article in the opposite one, and where they overlap the
    brighter pixel wins. The last sixth of the training images makes validation pairs and nothing
    else; test pairs are made of test images.

    Tasks: `digit` and `item` (10 classes), `coarse` (4 classes of articles) and `sum` (regression
    on the sum of both labels, 0 to 18, scored by R²).

    Args:
        mnist: NPZ file with `x_train`, `y_train`, `x_test` and `y_test`, images `(n, 28, 28)` in
            0 to 255; by default the one that Keras downloads.
        fashion_mnist: Likewise.
        train_size: Pairs for training.
        validation_size: Pairs for validation.
        test_size: Pairs for testing.
        batch_size: Pairs a batch.
        width: Width of the shared feature. Small on purpose, so that tasks compete.
        seed: Seed of the pairs and the training order.

    Returns:
        A `Problem` with inputs `(batch, 36, 36, 1)` in [0, 1].

    Raises:
        FileNotFoundError: If a file does not exist.
        OSError: If Keras cannot download the data.
        ValueError: If a file is damaged or lacks an array, an array has another shape, or a size
            is not positive.

    Source: after MultiMNIST (Sabour et al., 2017) and its Fashion-MNIST variants (Lin et al.,
    2019); pairs and tasks are this package's.
    """
    sizes = (train_size, validation_size, test_size)
    if min(sizes) < 1:
        raise ValueError(f"Sizes must be positive. Received: {sizes}.")
    digits = _parts(_arrays(mnist, keras.datasets.mnist))
    articles = _parts(_arrays(fashion_mnist, keras.datasets.fashion_mnist))
    generator = np.random.default_rng(seed)
    parts = [
        ArrayDataset(*_pairs(one, other, size, generator), batch_size=batch_size)
        for one, other, size in zip(digits, articles, sizes, strict=True)
    ]
    parts[0].shuffle = True
    parts[0].reset(seed)
    return Problem("digit-and-clothing", _tasks(), lambda: _backbone(width), *parts)


def _arrays(path: PathLike | None, download: object) -> dict[str, np.ndarray]:
    if path is None:
        with downloading("MNIST and Fashion-MNIST", _WITHOUT_NETWORK):
            (x_train, y_train), (x_test, y_test) = download.load_data()  # type: ignore[attr-defined]
        return dict(zip(_FILES, (x_train, y_train, x_test, y_test), strict=True))
    with _opened(path) as file:
        missing = [name for name in _FILES if name not in file]
        if missing:
            raise ValueError(
                f"'{path}' has no array '{missing[0]}'. It needs {', '.join(_FILES)}; "
                f"it has {', '.join(file.files)}."
            )
        arrays = {name: file[name] for name in _FILES}
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if x.shape[1:] != (_SMALL, _SMALL) or y.shape != x.shape[:1]:
            raise ValueError(
                f"'{path}' must hold images (n, 28, 28) and labels (n,). "
                f"Received: x_{part} {x.shape}, y_{part} {y.shape}."
            )
    return arrays


def _opened(path: PathLike) -> Any:
    """An NPZ file, or a sentence."""
    try:
        return np.load(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"'{path}' does not exist. Expected are `mnist.npz` and `fashion_mnist.npz`, each with "
            f"{', '.join(_FILES)}; without `path` Keras downloads them."
        ) from error
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"'{path}' is damaged: {error}. Copy it once more.") from error


def _parts(arrays: dict[str, np.ndarray]) -> list[Labelled]:
    """Training, validation and test images with their labels."""
    x, y = arrays["x_train"], arrays["y_train"]
    cut = len(x) - len(x) // _VALIDATION_SHARE
    return [(x[:cut], y[:cut]), (x[cut:], y[cut:]), (arrays["x_test"], arrays["y_test"])]


def _pairs(
    digits: Labelled, articles: Labelled, size: int, generator: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Inputs and labels of pairs drawn at random."""
    (x, y), (u, v) = digits, articles
    rows, others = generator.integers(len(x), size=size), generator.integers(len(u), size=size)
    canvas = np.zeros((size, _SIDE, _SIDE), "float32")
    canvas[:, :_SMALL, :_SMALL] = x[rows]
    corner = canvas[:, -_SMALL:, -_SMALL:]
    np.maximum(corner, u[others], out=corner)
    digit, item = y[rows].astype("int32"), v[others].astype("int32")
    labels = {
        "digit": digit,
        "item": item,
        "coarse": _COARSE[item],
        "sum": (digit + item).astype("float32")[:, None],
    }
    return canvas[..., None] / _WHITE, labels


def _tasks() -> list[Task]:
    dense = keras.layers.Dense
    classes = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    fit = [keras.metrics.R2Score(name="r2"), keras.metrics.MeanAbsoluteError(name="mae")]
    return [
        Task("digit", lambda: dense(10), classes, [accuracy]),
        Task("item", lambda: dense(10), classes, [accuracy]),
        Task("coarse", lambda: dense(4), classes, [accuracy]),
        Task("sum", lambda: dense(1), keras.losses.MeanSquaredError(), fit),
    ]


def _backbone(width: int) -> keras.Model:
    """Two small convolutions and one shared feature."""
    layers = keras.layers
    inputs = keras.Input((_SIDE, _SIDE, 1))
    x = inputs
    for filters in (8, 16):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    outputs = layers.Dense(width, activation="relu", name="features")(x)
    return keras.Model(inputs, outputs, name="digit_and_clothing_backbone")
