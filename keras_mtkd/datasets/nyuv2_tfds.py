"""NYU Depth v2 through tensorflow-datasets: depth, and the normals that follow from it."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd.datasets.dense.augmentation import nearest
from keras_mtkd.datasets.dense.camera import normals_from_depth
from keras_mtkd.datasets.dense.problem import dense_problem
from keras_mtkd.datasets.downloading import check_reachable, downloading
from keras_mtkd.models.segnet import WIDTHS
from keras_mtkd.problem import Problem

# The colour camera's focal length and optical centre (row, column) at 480 × 640, from the
# calibration that comes with the data set's toolbox.
_FOCAL, _CENTER, _WIDTH = 518.86, (253.74, 325.58), 640
_WITHOUT_NETWORK = (
    "Where there is a network, tensorflow-datasets prepares it in `data_dir` (by default "
    "`~/tensorflow_datasets`): copy that folder here and pass it as `data_dir`."
)
_SPLITS = ("train[:95%]", "train[95%:]", "validation")


@mtkd_export("keras_mtkd.datasets.nyuv2_tfds")
def nyuv2_tfds(
    size: tuple[int, int] = (288, 384),
    batch_size: int = 2,
    splits: tuple[str, str, str] = _SPLITS,
    data_dir: str | None = None,
    widths: tuple[int, ...] = WIDTHS,
    seed: int = 0,
) -> Problem:
    """NYU Depth v2 as `tensorflow-datasets` offers it, which downloads it when first used.

    It has pictures and depth; normals are computed from the depth with the camera's focal
    length, and there are no classes. Tasks: `depth` (metres, 0 unknown) and `normal`.

    Args:
        size: `(height, width)` of the pictures, multiples of 32.
        batch_size: Pictures a batch.
        splits: Training, validation and test split, in the notation of tensorflow-datasets.
        data_dir: Where tensorflow-datasets keeps data.
        widths: Channels of SegNet's stages.
        seed: Seed of the training order.

    Returns:
        A `Problem` on SegNet.

    Raises:
        ImportError: If tensorflow-datasets is not installed.
        OSError: If it cannot download or read the data.

    Source: Silberman et al., "Indoor Segmentation and Support Inference from RGBD Images" (2012).
    """
    tfds = require("tensorflow_datasets", "datasets")
    with downloading("NYU Depth v2", _WITHOUT_NETWORK):
        _check_network(tfds.builder("nyu_depth_v2", data_dir=data_dir))
        loaded = [tfds.load("nyu_depth_v2", split=split, data_dir=data_dir) for split in splits]
    parts = [
        _prepare(data, size, batch_size, seed if split == splits[0] else None)
        for split, data in zip(splits, loaded, strict=True)
    ]
    return dense_problem("nyuv2-tfds", 0, (*size, 3), widths, parts, tasks=("depth", "normal"))


def _check_network(builder: Any) -> None:
    """Without a network tensorflow-datasets tries for minutes, so that it is looked for first.

    Not where the data is prepared, or the archive that it is made from lies there.
    """
    if builder.is_prepared():
        return
    downloads = Path(builder.data_path).parents[1] / "downloads"
    for url in builder.url_infos or ():
        # As tensorflow-datasets calls what it has downloaded.
        kept = downloads.rglob(f"{urlsplit(url).hostname}*")
        if not any(path.is_file() for path in kept):
            check_reachable(url)


def _prepare(data: Any, size: tuple[int, int], batch_size: int, seed: int | None) -> Any:
    """Batches `(picture, {task: label})`, shuffled if there is a seed."""
    tf = require("tensorflow", "tensorflow")

    def labelled(example: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        image = tf.image.resize(tf.cast(example["image"], "float32") / 255.0, size)
        depth, normal = tf.numpy_function(
            lambda depth: _labels(depth, size), [example["depth"]], ["float32", "float32"]
        )
        return image, {
            "depth": tf.ensure_shape(depth, (*size, 1)),
            "normal": tf.ensure_shape(normal, (*size, 3)),
        }

    if seed is not None:
        data = data.shuffle(256, seed=seed)
    data = data.map(labelled, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return data.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _labels(depth: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Depth and normals in the picture's size; normals are computed before it is reduced."""
    depth = depth.astype("float32")
    scale = depth.shape[1] / _WIDTH
    center = (_CENTER[0] * scale, _CENTER[1] * scale)
    normal = normals_from_depth(depth, _FOCAL * scale, center)
    return nearest(depth[..., None], *size), nearest(normal, *size)
