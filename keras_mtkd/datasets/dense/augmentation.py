"""Augmentation that changes a picture and all of its labels alike."""

from collections.abc import Mapping, Sequence

import numpy as np

SCALES = (1.0, 1.2, 1.5)
Labels = Mapping[str, np.ndarray]


def scale_crop_flip(
    image: np.ndarray,
    labels: Labels,
    generator: np.random.Generator,
    scales: Sequence[float] = SCALES,
    inverse_depth: bool = False,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A random crop, enlarged to the picture's size, mirrored every other time.

    What is enlarged by s looks s times nearer, so its depth is divided by s, or its inverse depth
    multiplied; a mirrored normal's x changes sign. Pictures are interpolated, labels are not, so
    that none is invented.

    Args:
        image: `(height, width, channels)`.
        labels: Of `semantic` (height, width), `depth` (height, width, 1) and `normal`
            (height, width, 3), those that there are.
        generator: Source of chance.
        scales: Enlargements, one of which is drawn.
        inverse_depth: Whether `depth` is a disparity, larger where nearer.

    Returns:
        Picture and labels, of the same shapes.

    Source: MTAN (Liu et al., 2019); the scales are those of its released code.
    """
    height, width = image.shape[:2]
    scale = float(generator.choice(np.asarray(scales)))
    rows, columns = int(height / scale), int(width / scale)
    top, left = generator.integers(0, [height - rows + 1, width - columns + 1])
    window = slice(top, top + rows), slice(left, left + columns)
    image = enlarge(image[window], height, width)
    made = {task: nearest(label[window], height, width) for task, label in labels.items()}
    if "depth" in made:
        made["depth"] = made["depth"] * np.float32(scale if inverse_depth else 1 / scale)
    if generator.random() < 0.5:
        image = image[:, ::-1]
        made = {task: label[:, ::-1] for task, label in made.items()}
        if "normal" in made:
            made["normal"] = made["normal"] * np.array([-1.0, 1.0, 1.0], made["normal"].dtype)
    return np.ascontiguousarray(image), {
        task: np.ascontiguousarray(label) for task, label in made.items()
    }


def nearest(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Values `(rows, columns, ...)` enlarged by repeating them."""
    rows = np.arange(height) * values.shape[0] // height
    columns = np.arange(width) * values.shape[1] // width
    return values[rows[:, None], columns]


def enlarge(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """A picture enlarged by bilinear interpolation, corners kept."""
    for axis, size in enumerate((height, width)):
        places = np.linspace(0.0, image.shape[axis] - 1.0, size)
        low = places.astype(int)
        high = np.minimum(low + 1, image.shape[axis] - 1)
        share = (places - low).astype(image.dtype)
        share = share.reshape([-1 if a == axis else 1 for a in range(image.ndim)])
        image = image.take(low, axis) * (1 - share) + image.take(high, axis) * share
    return image
