"""Ways in which teachers teach a student.

Reconstructed in part, since the papers could not be read: `CrossTaskDistillation`,
`DistributionMatching`, `SoftCoAnnotation`, and `calibration=` and `margin=` of `LogitDistillation`.
"""

from keras_mtkd.distillation.base import Distillation
from keras_mtkd.distillation.coupled import DistributionMatching, SoftCoAnnotation
from keras_mtkd.distillation.cross_task import CrossTaskDistillation
from keras_mtkd.distillation.feature import FeatureDistillation
from keras_mtkd.distillation.keras_loss import KerasDistillation
from keras_mtkd.distillation.logit import LogitDistillation

__all__ = [
    "CrossTaskDistillation",
    "Distillation",
    "DistributionMatching",
    "FeatureDistillation",
    "KerasDistillation",
    "LogitDistillation",
    "SoftCoAnnotation",
]
