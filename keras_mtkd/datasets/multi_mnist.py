"""Two digits, or two articles of clothing, or one of each in one picture: which is where."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.loading import register
from keras_mtkd.datasets.overlaid import backbone, overlaid
from keras_mtkd.datasets.small_images import Labelled, PathLike, fashion_mnist, mnist
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

_TASKS = ("left", "right")
_READ: dict[str, tuple[str, Callable[[PathLike | None], list[Labelled]]]] = {
    "digits": ("mnist.npz", mnist),
    "clothing": ("fashion_mnist.npz", fashion_mnist),
}
# The names that are used elsewhere, and one for the fourth.
_NAMES = {
    ("digits", "digits"): "multi-mnist",
    ("clothing", "clothing"): "multi-fashion",
    ("clothing", "digits"): "multi-fashion-and-mnist",
    ("digits", "clothing"): "multi-mnist-and-fashion",
}


@mtkd_export("keras_mtkd.datasets.multi_mnist")
@register(
    "multi-mnist",
    "Two digits in one picture: left and right.",
    lambda make, folder: make(folder),
    tasks=_TASKS,
    needs="a download by Keras, once, or a folder with `mnist.npz`",
)
def multi_mnist(
    path: PathLike | None = None,
    left: str = "digits",
    right: str = "digits",
    train_size: int = 8000,
    validation_size: int = 2000,
    test_size: int = 4000,
    batch_size: int = 64,
    width: int = 32,
    seed: int = 0,
) -> Problem:
    """MultiMNIST and its variants with Fashion-MNIST: two images overlaid at 36 × 36.

    One image lies in the upper left corner, another one in the lower right corner, and where they
    overlap the brighter pixel wins. The last sixth of the training images makes validation pairs
    and nothing else; test pairs are made of test images.

    | `left` | `right` | name of the problem |
    |---|---|---|
    | `"digits"` | `"digits"` | `multi-mnist` |
    | `"clothing"` | `"clothing"` | `multi-fashion` |
    | `"clothing"` | `"digits"` | `multi-fashion-and-mnist` |

    Tasks: `left` and `right` (10 classes each), scored by accuracy. They are equally hard where
    both sides are of one kind.

    Args:
        path: Folder with `mnist.npz` for digits and `fashion_mnist.npz` for clothing, each with
            `x_train`, `y_train`, `x_test` and `y_test`, images `(n, 28, 28)` in 0 to 255; by
            default Keras downloads what is needed.
        left: Images of the upper left corner, `"digits"` of MNIST or `"clothing"` of Fashion-MNIST.
        right: Images of the lower right corner, likewise.
        train_size: Pairs for training.
        validation_size: Pairs for validation.
        test_size: Pairs for testing.
        batch_size: Pairs a batch.
        width: Width of the shared feature.
        seed: Seed of the pairs and the training order.

    Returns:
        A `Problem` with inputs `(batch, 36, 36, 1)` in [0, 1].

    Raises:
        FileNotFoundError: If a file does not exist.
        OSError: If Keras cannot download the data.
        ValueError: If a side is of no known kind, a file is damaged or lacks an array, an array has
            another shape, or a size is not positive.

    Source: Sabour et al., "Dynamic Routing Between Capsules" (2017), as Sener and Koltun, "Multi-
    Task Learning as Multi-Objective Optimization" (2018), ask for both digits; with Fashion-MNIST
    Lin et al., "Pareto Multi-Task Learning" (2019). The pairs are drawn anew: files of these papers
    hold other ones. MNIST: LeCun, Cortes and Burges, CC BY-SA 3.0; Fashion-MNIST: Xiao et al.
    (2017), MIT.
    """
    for side, kind in (("left", left), ("right", right)):
        check_choice(side, kind, tuple(_READ))
    sizes = (train_size, validation_size, test_size, batch_size, width)
    if min(sizes) < 1:
        raise ValueError(f"Sizes must be positive. Received: {sizes}.")
    images = {kind: _read(kind, path) for kind in dict.fromkeys((left, right))}
    generator = np.random.default_rng(seed)
    parts = [
        ArrayDataset(*_pairs(one, other, size, generator), batch_size=batch_size)
        for one, other, size in zip(images[left], images[right], sizes[:3], strict=True)
    ]
    parts[0].shuffle = True
    parts[0].reset(seed)
    return Problem(
        _NAMES[left, right], _tasks(), lambda: backbone(width, "multi_mnist_backbone"), *parts
    )


register(
    "multi-fashion",
    "Two articles in one picture: left and right.",
    lambda make, folder: make(folder),
    tasks=_TASKS,
    needs="a download by Keras, once, or a folder with `fashion_mnist.npz`",
)(partial(multi_mnist, left="clothing", right="clothing"))
register(
    "multi-fashion-and-mnist",
    "Clothing and a digit in one picture: left and right.",
    lambda make, folder: make(folder),
    tasks=_TASKS,
    needs="a download by Keras, once, or a folder with `mnist.npz` and `fashion_mnist.npz`",
)(partial(multi_mnist, left="clothing", right="digits"))


def _read(kind: str, folder: PathLike | None) -> list[Labelled]:
    name, read = _READ[kind]
    return read(None if folder is None else Path(folder) / name)


def _pairs(
    left: Labelled, right: Labelled, size: int, generator: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Inputs and labels of pairs drawn at random, never of one image with itself."""
    (x, y), (u, v) = left, right
    rows = generator.integers(len(x), size=size)
    if u is x:
        others = (rows + generator.integers(1, len(u), size=size)) % len(u)
    else:
        others = generator.integers(len(u), size=size)
    labels = {"left": y[rows].astype("int32"), "right": v[others].astype("int32")}
    return overlaid(x[rows], u[others]), labels


def _tasks() -> list[Task]:
    classes = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    return [Task(side, lambda: keras.layers.Dense(10), classes, [accuracy]) for side in _TASKS]
