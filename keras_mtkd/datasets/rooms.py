"""Rendered rooms with exact segmentation, depth and normals: nothing to download."""

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.dense.problem import UNLABELLED, dense_problem
from keras_mtkd.datasets.dense.scene import CLASSES, View, render
from keras_mtkd.datasets.loading import register
from keras_mtkd.models.segnet import reduction
from keras_mtkd.problem import Problem


@mtkd_export("keras_mtkd.datasets.rooms")
@register(
    "rooms",
    "Rendered rooms: segmentation, depth and normals.",
    tasks=("semantic", "depth", "normal"),
)
def rooms(
    height: int = 64,
    width: int = 96,
    train_size: int = 600,
    validation_size: int = 150,
    test_size: int = 150,
    noise: float = 0.05,
    invalid: float = 0.1,
    batch_size: int = 8,
    widths: tuple[int, ...] = (8, 16, 24, 32, 32),
    seed: int = 0,
) -> Problem:
    """Pictures of furnished rooms: what is where, how far, and which way it faces.

    Each room has walls, a tiled floor, a ceiling, boxes, balls and one lamp, seen by a random
    camera. No room is in two parts.

    Tasks: `semantic` (5 classes: floor, ceiling, wall, box, ball; −1 unlabelled), `depth` (metres
    along the optical axis; 0 unknown) and `normal` (unit vectors in camera coordinates, x right,
    y down, z forward, towards the camera; zero vectors unknown). They agree with each other:
    `datasets.normals_from_depth(depth, focal=0.72 * width)` gives the normals back, up to edges.

    Args:
        height: Rows, a multiple of 32, or of 2 to the power of the number of stages.
        width: Columns, likewise.
        train_size: Pictures for training.
        validation_size: Pictures for validation.
        test_size: Pictures for testing.
        noise: Standard deviation of the noise on colours, which lie in [0, 1].
        invalid: Share of the pixels, in rectangles, without depth and normal, and likewise
            without class elsewhere.
        batch_size: Pictures a batch.
        widths: Channels of SegNet's stages.
        seed: Seed of the rooms and the training order.

    Returns:
        A `Problem` on SegNet with inputs `(batch, height, width, 3)`.

    Raises:
        ValueError: If a size is not positive, the picture no such multiple, or `noise` or
            `invalid` out of range.
    """
    sizes = (train_size, validation_size, test_size)
    if min(sizes) < 1:
        raise ValueError(f"Sizes must be positive. Received: {sizes}.")
    factor = reduction(widths)
    if height % factor or width % factor or min(height, width) < factor:
        raise ValueError(
            f"Height and width must be multiples of {factor}. Received: {height} × {width}."
        )
    if noise < 0 or not 0.0 <= invalid < 1.0:
        raise ValueError(
            "`noise` must not be negative and `invalid` must lie in [0, 1). "
            f"Received: noise={noise}, invalid={invalid}."
        )
    parts = []
    for number, size in enumerate(sizes):
        generator = np.random.default_rng([seed, number])
        views = [
            _spoil(render(generator, height, width), generator, noise, invalid) for _ in range(size)
        ]
        labels = {
            task: np.stack([getattr(view, task) for view in views])
            for task in ("semantic", "depth", "normal")
        }
        images = np.stack([view.image for view in views])
        parts.append(ArrayDataset(images, labels, batch_size=batch_size))
    parts[0].shuffle = True
    parts[0].reset(seed)
    return dense_problem("rooms", len(CLASSES), (height, width, 3), widths, parts)


def _spoil(view: View, generator: np.random.Generator, noise: float, invalid: float) -> View:
    """The view through a noisy camera, with labels missing in rectangles."""
    image = view.image + noise * generator.normal(size=view.image.shape)
    known = ~_holes(generator, view.semantic.shape, invalid)
    labelled = ~_holes(generator, view.semantic.shape, invalid)
    return View(
        image=np.clip(image, 0.0, 1.0).astype("float32"),
        semantic=np.where(labelled, view.semantic, UNLABELLED).astype("int32"),
        depth=view.depth * known[..., None],
        normal=view.normal * known[..., None],
    )


def _holes(generator: np.random.Generator, shape: tuple[int, ...], share: float) -> np.ndarray:
    """Rectangles that cover about a share of the picture."""
    holes = np.zeros(shape, bool)
    while holes.mean() < share:
        size = np.maximum(1, (np.array(shape) * generator.uniform(0.05, 0.25, size=2)).astype(int))
        row, column = generator.integers(0, np.array(shape) - size + 1)
        holes[row : row + size[0], column : column + size[1]] = True
    return holes
