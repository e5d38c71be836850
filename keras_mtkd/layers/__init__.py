"""Layers of students and their adaptors that Keras does not have."""

from keras_mtkd.layers.adaptor import linear_adaptor
from keras_mtkd.layers.bilinear import BilinearUpsampling2D
from keras_mtkd.layers.frozen_teacher import FrozenTeacher
from keras_mtkd.layers.gradient_aggregator import GradientAggregator
from keras_mtkd.layers.gradient_balancer import GradientBalancer
from keras_mtkd.layers.loss_weights import LossWeights
from keras_mtkd.layers.mixing import CrossStitch, ExpertMixture
from keras_mtkd.layers.parameter_aggregator import ParameterAggregator
from keras_mtkd.layers.pooling import MaxPooling2DWithIndices, MaxUnpooling2D
from keras_mtkd.layers.rotating_balancer import RotatingBalancer
from keras_mtkd.layers.rotation import Rotation
from keras_mtkd.layers.unit_vectors import UnitVectors

__all__ = [
    "BilinearUpsampling2D",
    "CrossStitch",
    "ExpertMixture",
    "FrozenTeacher",
    "GradientAggregator",
    "GradientBalancer",
    "LossWeights",
    "MaxPooling2DWithIndices",
    "MaxUnpooling2D",
    "ParameterAggregator",
    "RotatingBalancer",
    "Rotation",
    "UnitVectors",
    "linear_adaptor",
]
