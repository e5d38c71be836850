"""MNIST and Fashion-MNIST: labelled images of 28 × 28 pixels, from files or by Keras' download."""

import os
import zipfile
from typing import Any

import keras
import numpy as np

from keras_mtkd.datasets.downloading import downloading

SMALL = 28
_VALIDATION_SHARE = 6
_FILES = ("x_train", "y_train", "x_test", "y_test")

Labelled = tuple[np.ndarray, np.ndarray]
PathLike = str | os.PathLike[str]


def mnist(path: PathLike | None) -> list[Labelled]:
    """Handwritten digits, as `parts` gives them, from a file or by Keras' download."""
    return parts(_arrays(path, "mnist"))


def fashion_mnist(path: PathLike | None) -> list[Labelled]:
    """Articles of clothing, likewise."""
    return parts(_arrays(path, "fashion_mnist"))


def parts(arrays: dict[str, np.ndarray]) -> list[Labelled]:
    """Training, validation and test images with their labels.

    Args:
        arrays: `x_train`, `y_train`, `x_test` and `y_test`.

    Returns:
        Images and labels three times: of the training images the last sixth is for validation.
    """
    x, y = arrays["x_train"], arrays["y_train"]
    cut = len(x) - len(x) // _VALIDATION_SHARE
    return [(x[:cut], y[:cut]), (x[cut:], y[cut:]), (arrays["x_test"], arrays["y_test"])]


def _arrays(path: PathLike | None, kind: str) -> dict[str, np.ndarray]:
    if path is None:
        return _downloaded(kind)
    with _opened(path, kind) as file:
        missing = [name for name in _FILES if name not in file]
        if missing:
            raise ValueError(
                f"'{path}' has no array '{missing[0]}'. It needs {', '.join(_FILES)}; "
                f"it has {', '.join(file.files)}."
            )
        arrays = {name: file[name] for name in _FILES}
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if x.shape[1:] != (SMALL, SMALL) or y.shape != x.shape[:1]:
            raise ValueError(
                f"'{path}' must hold images (n, 28, 28) and labels (n,). "
                f"Received: x_{part} {x.shape}, y_{part} {y.shape}."
            )
    return arrays


def _downloaded(kind: str) -> dict[str, np.ndarray]:
    instead = (
        f"Pass a folder with `{kind}.npz` as `path`, `--path` of the command, or call "
        f"`keras.datasets.{kind}.load_data()` where there is a network and copy the folder "
        "`~/.keras/datasets` from there."
    )
    with downloading({"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}[kind], instead):
        (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, kind).load_data()
    return dict(zip(_FILES, (x_train, y_train, x_test, y_test), strict=True))


def _opened(path: PathLike, kind: str) -> Any:
    """An NPZ file, or a sentence."""
    try:
        return np.load(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"'{path}' does not exist. Expected is `{kind}.npz` with {', '.join(_FILES)}; without "
            "`path` Keras downloads it."
        ) from error
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"'{path}' is damaged: {error}. Copy it once more.") from error
