"""NYUv2 and Cityscapes as the field preprocesses them, for the published experiments."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.datasets.dense.folder import NpyFolder, count_files
from keras_mtkd.datasets.dense.problem import dense_problem
from keras_mtkd.datasets.loading import register
from keras_mtkd.models.segnet import WIDTHS
from keras_mtkd.problem import Problem

_NEEDS = "`train` and `val` with NPY files, as the authors of MTAN preprocessed and offer them"
# Pictures to look at for indicators, where nothing is held out.
_PROBE = 64
# Channels of labels; 0 where there is no such axis.
_CHANNELS = {"semantic": 0, "depth": 1, "normal": 3}


@mtkd_export("keras_mtkd.datasets.nyuv2")
@register(
    "nyuv2",
    "Photographed rooms: segmentation, depth and normals.",
    lambda make, folder: make(folder),
    needs_folder=True,
    tasks=("semantic", "depth", "normal"),
    needs=_NEEDS,
)
def nyuv2(
    path: str | os.PathLike[str],
    batch_size: int = 2,
    augment: bool = False,
    held_out: float = 0.0,
    widths: tuple[int, ...] = WIDTHS,
    seed: int = 0,
) -> Problem:
    """NYUv2 with 13 classes, depth and surface normals, in the preprocessing of MTAN.

    Expected are `train` and `val`, each with the folders `image` (288 × 384 × 3 in [0, 1]),
    `label` (classes, −1 unlabelled), `depth` (metres, 0 unknown) and `normal` (unit vectors),
    files `0.npy`, `1.npy` and so on: 795 pictures for training and 654 for testing.

    Args:
        path: The folder with `train` and `val`.
        batch_size: Pictures a batch.
        augment: Scale-crops and mirroring, as in the successor of KD4MTL; the 2020 paper used
            none.
        held_out: Share of the training pictures kept for validation. 0 is the published
            protocol, which trains on all; validation data is then the first training pictures,
            good for indicators and not for choices.
        widths: Channels of SegNet's stages.
        seed: Seed of order and augmentation.

    Returns:
        A `Problem` on SegNet.

    Raises:
        FileNotFoundError: If a folder or file is missing; the message names it.
        ValueError: If a file is damaged, of another shape, or `held_out` out of range.

    Source: Silberman et al. (2012), preprocessed by Liu et al. (2019).
    """
    folders = {"semantic": "label", "depth": "depth", "normal": "normal"}
    train = {"augment": augment, "seed": seed}
    parts = _parts(Path(path), folders, batch_size, held_out, seed, train)
    return dense_problem("nyuv2", 13, parts[0].shape, widths, parts, tuple(folders))


@mtkd_export("keras_mtkd.datasets.cityscapes")
@register(
    "cityscapes",
    "Streets: segmentation and depth.",
    lambda make, folder: make(folder),
    needs_folder=True,
    tasks=("semantic", "depth"),
    needs=_NEEDS,
)
def cityscapes(
    path: str | os.PathLike[str],
    classes: int = 7,
    batch_size: int = 8,
    augment: bool = False,
    held_out: float = 0.0,
    widths: tuple[int, ...] = WIDTHS,
    seed: int = 0,
) -> Problem:
    """Cityscapes with 7 or 19 classes and inverse depth, in the preprocessing of MTAN.

    As `nyuv2`, with the classes in `label_7` or `label_19` and without normals. Its `depth` is a
    disparity: nearer is larger.

    Args:
        path: The folder with `train` and `val`.
        classes: 7 or 19.
        batch_size: Pictures a batch.
        augment: Scale-crops and mirroring.
        held_out: As in `nyuv2`.
        widths: Channels of SegNet's stages.
        seed: Seed of order and augmentation.

    Returns:
        A `Problem` on SegNet.

    Raises:
        FileNotFoundError: If a folder or file is missing; the message names it.
        ValueError: If `classes` is neither, a file is damaged or of another shape, or `held_out`
            out of range.

    Source: Cordts et al. (2016), preprocessed by Liu et al. (2019).
    """
    if classes not in (7, 19):
        raise ValueError(f"`classes` must be 7 or 19. Received: classes={classes}.")
    folders = {"semantic": f"label_{classes}", "depth": "depth"}
    train = {"augment": augment, "seed": seed, "inverse_depth": True}
    parts = _parts(Path(path), folders, batch_size, held_out, seed, train)
    return dense_problem("cityscapes", classes, parts[0].shape, widths, parts, tuple(folders))


def _parts(
    root: Path,
    folders: dict[str, str],
    batch_size: int,
    held_out: float,
    seed: int,
    for_training: dict[str, Any],
) -> list[NpyFolder]:
    """Training, validation and test data."""
    if not 0.0 <= held_out < 1.0:
        raise ValueError(f"`held_out` must lie in [0, 1). Received: held_out={held_out}.")
    numbers = count_files(root / "train")
    mixed = np.random.default_rng(seed).permutation(len(numbers))
    cut = round(held_out * len(numbers))
    train = [numbers[row] for row in sorted(mixed[cut:])]
    validation = [numbers[row] for row in sorted(mixed[:cut])] or train[:_PROBE]

    def part(name: str, **arguments: Any) -> NpyFolder:
        return NpyFolder(root / name, folders, _CHANNELS, batch_size=batch_size, **arguments)

    return [
        part("train", numbers=train, shuffle=True, **for_training),
        part("train", numbers=validation),
        part("val"),
    ]
