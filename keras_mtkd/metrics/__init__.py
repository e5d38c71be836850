"""Measures of multi-task success."""

from keras_mtkd.metrics.delta_mtl import delta_mtl, relative_changes

__all__ = ["delta_mtl", "relative_changes"]
