"""Teachers: one model a task, and what they know, stored."""

from keras_mtkd.teachers.caching import cache
from keras_mtkd.teachers.train import train_teachers

__all__ = ["cache", "train_teachers"]
