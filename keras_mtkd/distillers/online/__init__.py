"""Distillation from single-task networks that are trained alongside the student."""

from keras_mtkd.distillers.online.online_kd import OnlineKD

__all__ = ["OnlineKD"]
