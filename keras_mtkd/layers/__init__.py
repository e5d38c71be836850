"""Layers of students that Keras does not have."""

from typing import TYPE_CHECKING

from keras_mtkd._backend.renamed import renamed_names
from keras_mtkd.layers.bilinear import BilinearUpsampling2D
from keras_mtkd.layers.mixing import CrossStitch, ExpertMixture
from keras_mtkd.layers.pooling import MaxPooling2DWithIndices, MaxUnpooling2D
from keras_mtkd.layers.rotation import Rotation

__all__ = [
    "BilinearUpsampling2D",
    "CrossStitch",
    "ExpertMixture",
    "MaxPooling2DWithIndices",
    "MaxUnpooling2D",
    "Rotation",
]

# With `__getattr__`, type checkers would take any name to be there.
if not TYPE_CHECKING:
    _OF_BALANCING = (
        "Not public since 0.2. Pass `balancing=` to `keras_mtkd.MultiTaskDistiller`, "
        "which makes it."
    )
    __getattr__ = renamed_names(
        __name__,
        {
            "FrozenTeacher": "Not public since 0.2. Pass teachers to "
            "`keras_mtkd.MultiTaskDistiller`, which wraps them.",
            "GradientAggregator": _OF_BALANCING,
            "GradientBalancer": _OF_BALANCING,
            "LossWeights": _OF_BALANCING,
            "ParameterAggregator": _OF_BALANCING,
            "RotatingBalancer": _OF_BALANCING,
            "UnitVectors": "Not public since 0.2. Use `keras.layers.UnitNormalization`, "
            'with `dtype="float32"` under mixed precision.',
            "linear_adaptor": 'Not public since 0.2. Pass `adaptor="linear"` and `rank=` to '
            "`keras_mtkd.FeatureDistillation`, which makes it.",
        },
    )
