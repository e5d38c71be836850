"""Distillation distances, each a `keras.losses.Loss` called as `loss(teacher, student)`."""

from keras_mtkd.losses._get import get
from keras_mtkd.losses.binary_logit_kl import BinaryLogitKL
from keras_mtkd.losses.function_loss import FunctionLoss
from keras_mtkd.losses.logit_kl import LogitKL
from keras_mtkd.losses.normalized_l2 import NormalizedL2

__all__ = ["BinaryLogitKL", "FunctionLoss", "LogitKL", "NormalizedL2", "get"]
