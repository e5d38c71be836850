"""Pictures and labels in folders of numbered NPY files."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mtkd.datasets.dense.augmentation import scale_crop_flip

IMAGE = "image"


class NpyFolder(keras.utils.PyDataset):
    """Batches read from `{folder}/{kind}/{number}.npy`, looked through before training.

    Args:
        root: Folder of one part, such as `.../train`.
        folders: `{task: folder}` with the labels; the pictures are in `image`.
        channels: `{task: channels}` of labels with a channel axis, 0 for those without.
        numbers: Numbers of the files; by default all.
        batch_size: Pictures a batch.
        shuffle: Whether to shuffle.
        augment: Whether to crop, scale and mirror at random.
        inverse_depth: Whether `depth` is a disparity.
        seed: Seed of order and augmentation.

    Attributes:
        shape: `(height, width, 3)` of the pictures.

    Raises:
        FileNotFoundError: If a folder or a file is missing; the message names it.
        ValueError: If a file is damaged or of another shape; the message names it.
    """

    def __init__(
        self,
        root: Path,
        folders: Mapping[str, str],
        channels: Mapping[str, int],
        numbers: Sequence[int] | None = None,
        batch_size: int = 2,
        shuffle: bool = False,
        augment: bool = False,
        inverse_depth: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.root, self.folders, self.channels = root, dict(folders), dict(channels)
        self.numbers = count_files(root) if numbers is None else list(numbers)
        self.batch_size, self.shuffle, self.augment = batch_size, shuffle, augment
        self.inverse_depth, self.seed = inverse_depth, seed
        self.shape = self._check()
        self.reset()

    def _check(self) -> tuple[int, int, int]:
        """Open every file's header, so that hours of training do not end in a missing file."""
        if not self.numbers:
            raise FileNotFoundError(f"There is no picture in '{self.root / IMAGE}'.")
        shape: tuple[int, ...] = header(self._path(IMAGE, self.numbers[0]))
        if len(shape) != 3 or shape[-1] != 3:
            path = self._path(IMAGE, self.numbers[0])
            raise ValueError(f"'{path}' must be (height, width, 3). It is {shape}.")
        expected: dict[str, tuple[int, ...]] = {IMAGE: shape}
        for task, folder in self.folders.items():
            depth = self.channels[task]
            expected[folder] = (*shape[:2], depth) if depth else shape[:2]
        for folder, wanted in expected.items():
            for number in self.numbers:
                path = self._path(folder, number)
                if (found := header(path)) != wanted:
                    raise ValueError(f"'{path}' must have shape {wanted}. It has {found}.")
        return shape[0], shape[1], 3

    def _path(self, folder: str, number: int) -> Path:
        return self.root / folder / f"{number}.npy"

    def reset(self, seed: int | None = None) -> None:
        """Begin again with the order of the first epoch, by default under the same seed."""
        self.seed = self.seed if seed is None else seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Take the order and the augmentation of an epoch."""
        self.epoch = epoch

    def on_epoch_end(self) -> None:
        self.set_epoch(self.epoch + 1)

    @property
    def num_batches(self) -> int:
        return math.ceil(len(self.numbers) / self.batch_size)

    def __len__(self) -> int:
        return self.num_batches

    def __getitem__(self, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        order = np.arange(len(self.numbers))
        if self.shuffle:
            order = np.random.default_rng([self.seed, self.epoch]).permutation(len(order))
        rows = order[index * self.batch_size : (index + 1) * self.batch_size]
        pictures = [self._picture(self.numbers[row]) for row in rows]
        images, labels = zip(*pictures, strict=True)
        return np.stack(images), {task: np.stack([y[task] for y in labels]) for task in labels[0]}

    def _picture(self, number: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        image = read(self._path(IMAGE, number)).astype("float32")
        labels = {
            task: read(self._path(folder, number)).astype(
                "float32" if self.channels[task] else "int32"
            )
            for task, folder in self.folders.items()
        }
        if not self.augment:
            return image, labels
        # One stream a picture and epoch: the same whatever the batch and the number of readers.
        generator = np.random.default_rng([self.seed, self.epoch, number])
        return scale_crop_flip(image, labels, generator, inverse_depth=self.inverse_depth)

    def fingerprint(self) -> str:
        """A hash of the files and of all settings."""
        settings = (self.batch_size, self.shuffle, self.augment, self.inverse_depth)
        digest = hashlib.sha256(str((*settings, sorted(self.folders.items()))).encode())
        for folder in (IMAGE, *self.folders.values()):
            for number in self.numbers:
                path = self._path(folder, number)
                with path.open("rb") as file:
                    of_file = hashlib.file_digest(file, "sha256").hexdigest()
                digest.update(f"{folder}/{number}:{of_file}".encode())
        return digest.hexdigest()

    def fingerprint_before(self) -> str:
        """The hash by which folders know the data that do not say which version kept them."""
        digest = hashlib.sha256(str((self.batch_size, self.shuffle, self.augment)).encode())
        for folder in (IMAGE, *self.folders.values()):
            for number in self.numbers:
                path = self._path(folder, number)
                digest.update(f"{folder}/{number}:{path.stat().st_size}".encode())
                with path.open("rb") as file:
                    digest.update(file.read(4096))
        return digest.hexdigest()


def count_files(root: Path) -> list[int]:
    """The numbers of all pictures of a part, in order.

    Raises:
        FileNotFoundError: If the folder does not exist.
        ValueError: If a picture's name is no number.
    """
    folder = root / IMAGE
    if not folder.is_dir():
        raise FileNotFoundError(
            f"There is no folder '{folder}'. Expected is the preprocessed data set with "
            "train/image/0.npy, val/image/0.npy and so on."
        )
    names = [path.stem for path in folder.glob("*.npy")]
    for name in names:
        if not name.isdigit():
            raise ValueError(f"'{folder / name}.npy' should be called by a number.")
    return sorted(int(name) for name in names)


def header(path: Path) -> tuple[int, ...]:
    """The shape that a file says it has, after a look whether it is that large.

    Raises:
        FileNotFoundError: If it does not exist.
        ValueError: If it is damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(f"'{path}' is missing.")
    return tuple(read(path, "r").shape)


def read(path: Path, mode: Any = None) -> np.ndarray:
    """An array from a file.

    Raises:
        ValueError: If it is damaged; the message names it.
    """
    try:
        return np.load(path, mmap_mode=mode)
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"'{path}' is damaged: {error}. Copy it once more.") from error
