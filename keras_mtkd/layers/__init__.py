"""Layers that distillation adds around a student."""

from keras_mtkd.layers.adaptor import linear_adaptor
from keras_mtkd.layers.frozen_teacher import FrozenTeacher

__all__ = ["FrozenTeacher", "linear_adaptor"]
