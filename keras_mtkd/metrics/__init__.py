"""Measures of multi-task success, and metrics of dense prediction."""

from keras_mtkd.metrics.delta_mtl import delta_mtl, relative_changes
from keras_mtkd.metrics.depth import DepthError
from keras_mtkd.metrics.normals import NormalAngle, NormalMedianAngle, NormalWithin
from keras_mtkd.metrics.segmentation import MeanIoUPerImage, PixelAccuracy

__all__ = [
    "DepthError",
    "MeanIoUPerImage",
    "NormalAngle",
    "NormalMedianAngle",
    "NormalWithin",
    "PixelAccuracy",
    "delta_mtl",
    "relative_changes",
]
