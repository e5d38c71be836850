"""Pinhole cameras: rays through pixels, and normals from depth.

Camera coordinates: x to the right, y down, z forward. Depth is z, not the length of the ray.
"""

import numpy as np

from keras_mtkd._backend.export import mtkd_export


def rays(
    height: int, width: int, focal: float, center: tuple[float, float] | None = None
) -> np.ndarray:
    """Directions `(height, width, 3)` of the rays through all pixels, with z = 1.

    Args:
        height: Rows.
        width: Columns.
        focal: Focal length in pixels.
        center: Row and column of the optical axis; the middle by default.
    """
    row, column = center or ((height - 1) / 2, (width - 1) / 2)
    y, x = np.mgrid[:height, :width].astype("float64")
    return np.stack([(x - column) / focal, (y - row) / focal, np.ones_like(x)], axis=-1)


@mtkd_export("keras_mtkd.datasets.normals_from_depth")
def normals_from_depth(
    depth: np.ndarray, focal: float, center: tuple[float, float] | None = None
) -> np.ndarray:
    """Surface normals from a depth map, by differences of neighbouring points in space.

    Args:
        depth: `(height, width)` or `(height, width, 1)`, in any unit; 0 where there is none.
        focal: Focal length in pixels.
        center: Row and column of the optical axis; the middle by default.

    Returns:
        Unit normals `(height, width, 3)` in camera coordinates (x right, y down, z forward) that
        point towards the camera; zero vectors on the border and where a neighbour has no depth.

    Raises:
        ValueError: If the focal length is not positive or the depth is no map.
    """
    if not focal > 0:
        raise ValueError(f"`focal` must be positive. Received: focal={focal}.")
    depth = np.asarray(depth, "float64")
    depth = depth[..., 0] if depth.ndim == 3 else depth
    if depth.ndim != 2:
        raise ValueError(f"Depth must be (height, width[, 1]). Received: {depth.shape}.")
    height, width = depth.shape
    directions = rays(height, width, focal, center)
    points = directions * depth[..., None]
    normals = np.zeros_like(points)
    across = points[1:-1, 2:] - points[1:-1, :-2]
    down = points[2:, 1:-1] - points[:-2, 1:-1]
    inner = np.cross(across, down)
    length = np.linalg.norm(inner, axis=-1, keepdims=True)
    known = depth > 0
    whole = (
        known[1:-1, 2:] & known[1:-1, :-2] & known[2:, 1:-1] & known[:-2, 1:-1] & known[1:-1, 1:-1]
    )
    inner = np.where(whole[..., None] & (length > 0), inner / np.maximum(length, 1e-300), 0.0)
    away = (inner * directions[1:-1, 1:-1]).sum(-1, keepdims=True) > 0
    normals[1:-1, 1:-1] = np.where(away, -inner, inner)
    return normals.astype("float32")
