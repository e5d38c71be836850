"""A handwritten digit and a piece of clothing in one picture: four tasks of unequal difficulty."""

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.loading import register
from keras_mtkd.datasets.overlaid import backbone, overlaid
from keras_mtkd.datasets.small_images import Labelled, PathLike
from keras_mtkd.datasets.small_images import fashion_mnist as read_articles
from keras_mtkd.datasets.small_images import mnist as read_digits
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

# Fashion-MNIST's ten articles as: tops, trousers and dresses, shoes, bags.
_COARSE = np.array([0, 1, 0, 1, 0, 2, 0, 2, 3, 2], "int32")


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
    digits, articles = read_digits(mnist), read_articles(fashion_mnist)
    generator = np.random.default_rng(seed)
    parts = [
        ArrayDataset(*_pairs(one, other, size, generator), batch_size=batch_size)
        for one, other, size in zip(digits, articles, sizes, strict=True)
    ]
    parts[0].shuffle = True
    parts[0].reset(seed)
    name = "digit_and_clothing_backbone"
    return Problem("digit-and-clothing", _tasks(), lambda: backbone(width, name), *parts)


def _pairs(
    digits: Labelled, articles: Labelled, size: int, generator: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Inputs and labels of pairs drawn at random."""
    (x, y), (u, v) = digits, articles
    rows, others = generator.integers(len(x), size=size), generator.integers(len(u), size=size)
    digit, item = y[rows].astype("int32"), v[others].astype("int32")
    labels = {
        "digit": digit,
        "item": item,
        "coarse": _COARSE[item],
        "sum": (digit + item).astype("float32")[:, None],
    }
    return overlaid(x[rows], u[others]), labels


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
