"""Problems by name, as the command line takes them."""

import os
from collections.abc import Callable
from pathlib import Path

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import unknown
from keras_mtkd.datasets.digit_and_clothing import digit_and_clothing
from keras_mtkd.datasets.digits import digits
from keras_mtkd.datasets.nyuv2 import cityscapes, nyuv2
from keras_mtkd.datasets.rooms import rooms
from keras_mtkd.problem import Problem


def _digits(folder: Path | None) -> Problem:
    if folder is not None:
        raise ValueError("The problem 'digits' brings its data along. Leave the path out.")
    return digits()


def _digit_and_clothing(folder: Path | None) -> Problem:
    if folder is None:
        return digit_and_clothing()
    return digit_and_clothing(folder / "mnist.npz", folder / "fashion_mnist.npz")


def _rooms(folder: Path | None) -> Problem:
    if folder is not None:
        raise ValueError("The problem 'rooms' makes its data. Leave the path out.")
    return rooms()


def _require_folder(folder: Path | None, name: str) -> Path:
    if folder is None:
        raise ValueError(f"The problem '{name}' needs the folder of its data. Pass `path`.")
    return folder


PROBLEMS: dict[str, Callable[[Path | None], Problem]] = {
    "digits": _digits,
    "digit-and-clothing": _digit_and_clothing,
    "rooms": _rooms,
    "nyuv2": lambda folder: nyuv2(_require_folder(folder, "nyuv2")),
    "cityscapes": lambda folder: cityscapes(_require_folder(folder, "cityscapes")),
}

SUMMARIES = {
    "digits": "Pairs of scanned digits, six tasks. Comes with scikit-learn.",
    "digit-and-clothing": "A digit and a piece of clothing, four tasks. Keras downloads it.",
    "rooms": "Rendered rooms: segmentation, depth, normals. Needs no data.",
    "nyuv2": "Photographed rooms: segmentation, depth, normals. From your folder.",
    "cityscapes": "Streets: segmentation and depth. From your folder.",
}


@mtkd_export("keras_mtkd.datasets.load")
def load(name: str, path: str | os.PathLike[str] | None = None) -> Problem:
    """A problem by its name, with its default settings.

    Args:
        name: `"digits"`, `"digit-and-clothing"`, `"rooms"`, `"nyuv2"` or `"cityscapes"`.
        path: Folder with the data, where the problem reads files: `mnist.npz` and
            `fashion_mnist.npz` for `"digit-and-clothing"`, which Keras downloads otherwise;
            `train` and `val` for `"nyuv2"` and `"cityscapes"`.

    Returns:
        The problem.

    Raises:
        ValueError: If there is no such problem, it takes no path or needs one.
        FileNotFoundError: If a file does not exist.
    """
    if name not in PROBLEMS:
        raise ValueError(unknown("problem", name, PROBLEMS))
    return PROBLEMS[name](None if path is None else Path(path))
