"""Architectures of multi-task students."""

from keras_mtkd.models.hard_sharing import hard_sharing
from keras_mtkd.models.mtan import mtan
from keras_mtkd.models.segnet import segnet

__all__ = ["hard_sharing", "mtan", "segnet"]
