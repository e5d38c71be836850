"""Knowledge distillation for multi-task learning with Keras."""

from keras_mtkd import datasets, layers, losses, models
from keras_mtkd.distillation import FeatureDistillation, KerasDistillation, LogitDistillation
from keras_mtkd.distiller import MultiTaskDistiller
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

__version__ = "0.1.0"
