"""Losses, each a `keras.losses.Loss`.

Distillation distances are called as `loss(teacher, student)`, task losses as `loss(label,
prediction)`.
"""

from typing import TYPE_CHECKING

from keras_mtkd._backend.renamed import renamed_names
from keras_mtkd.losses._get import get
from keras_mtkd.losses.attention_transfer import AttentionTransfer
from keras_mtkd.losses.binary_logit_kl import BinaryLogitKL
from keras_mtkd.losses.cka_loss import CKALoss
from keras_mtkd.losses.log_sum_distance import LogSumDistance
from keras_mtkd.losses.logit_kl import LogitKL
from keras_mtkd.losses.masked_mean_absolute_error import MaskedMeanAbsoluteError
from keras_mtkd.losses.normal_cosine import NormalCosine
from keras_mtkd.losses.normalized_l2 import NormalizedL2
from keras_mtkd.losses.relational_distance import RelationalDistance
from keras_mtkd.losses.sampled_logit_kl import SampledLogitKL
from keras_mtkd.losses.select_positions import SelectPositions
from keras_mtkd.losses.sinkhorn import SinkhornDistance

__all__ = [
    "AttentionTransfer",
    "BinaryLogitKL",
    "CKALoss",
    "LogSumDistance",
    "LogitKL",
    "MaskedMeanAbsoluteError",
    "NormalCosine",
    "NormalizedL2",
    "RelationalDistance",
    "SampledLogitKL",
    "SelectPositions",
    "SinkhornDistance",
    "get",
]

# With `__getattr__`, type checkers would take any name to be there.
if not TYPE_CHECKING:
    __getattr__ = renamed_names(
        __name__,
        {
            "FunctionLoss": "Not public since 0.2. Pass the function, wherever a loss can be "
            "passed, or call `keras_mtkd.losses.get`, which makes it."
        },
    )
