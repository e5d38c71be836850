"""Multi-task architectures: functional models with outputs `{task: tensor}`."""

from keras_mtkd.models.hard_sharing import hard_sharing

__all__ = ["hard_sharing"]
