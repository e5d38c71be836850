"""Architectures of multi-task students."""

from keras_mtkd.models.cross_stitch import cross_stitch
from keras_mtkd.models.dilated import aspp, dilated
from keras_mtkd.models.experts import mmoe, ple
from keras_mtkd.models.hard_sharing import hard_sharing
from keras_mtkd.models.mtan import mtan
from keras_mtkd.models.segnet import segnet

__all__ = [
    "aspp",
    "cross_stitch",
    "dilated",
    "hard_sharing",
    "mmoe",
    "mtan",
    "ple",
    "segnet",
]
