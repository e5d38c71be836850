"""Balancing of tasks: weights of their losses, or of their gradients.

Loss weightings have `weights(losses)`, gradient aggregations `weights(gram, losses=None)`: what
each loss is multiplied by in the objective, or each gradient in the update.

Verified against the authors' code, LibMTL or TorchJD, or by the paper's formulas, but for those
that are reconstructed, since their papers could not be read: `CoGrad`, `ConicGrad`, `GDOD`,
`MultiBalance`, `SingleGradientStep`. What of them is a guess stands in their docstrings.
"""

from typing import TYPE_CHECKING

from keras_mtkd._backend.renamed import renamed_names
from keras_mtkd.balancing.aggregation.aligned_mtl import AlignedMTL
from keras_mtkd.balancing.aggregation.cagrad import CAGrad
from keras_mtkd.balancing.aggregation.cdtt import CDTT
from keras_mtkd.balancing.aggregation.cograd import CoGrad
from keras_mtkd.balancing.aggregation.conicgrad import ConicGrad
from keras_mtkd.balancing.aggregation.edm import EDM
from keras_mtkd.balancing.aggregation.fairgrad import FairGrad
from keras_mtkd.balancing.aggregation.fs_mtl import FSMTL
from keras_mtkd.balancing.aggregation.gdod import GDOD
from keras_mtkd.balancing.aggregation.gradnorm import GradNorm
from keras_mtkd.balancing.aggregation.gradvac import GradVac
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod
from keras_mtkd.balancing.aggregation.imgrad import IMGrad
from keras_mtkd.balancing.aggregation.imtl_g import IMTLG
from keras_mtkd.balancing.aggregation.mgda import MGDA
from keras_mtkd.balancing.aggregation.multibalance import MultiBalance
from keras_mtkd.balancing.aggregation.nash_mtl import NashMTL
from keras_mtkd.balancing.aggregation.parameter_base import ParameterMethod
from keras_mtkd.balancing.aggregation.pcgrad import PCGrad
from keras_mtkd.balancing.aggregation.rotograd import RotoGrad
from keras_mtkd.balancing.aggregation.single_gradient_step import SingleGradientStep
from keras_mtkd.balancing.aggregation.sum import Sum
from keras_mtkd.balancing.aggregation.upgrad import UPGrad
from keras_mtkd.balancing.balancing import Balancing
from keras_mtkd.balancing.loss_weighting.base import LossWeighting
from keras_mtkd.balancing.loss_weighting.dwa import DWA
from keras_mtkd.balancing.loss_weighting.dynamic_task_prioritization import (
    DynamicTaskPrioritization,
)
from keras_mtkd.balancing.loss_weighting.equal import EqualWeights
from keras_mtkd.balancing.loss_weighting.famo import FAMO
from keras_mtkd.balancing.loss_weighting.fixed import FixedWeights
from keras_mtkd.balancing.loss_weighting.gls import GLS
from keras_mtkd.balancing.loss_weighting.imtl_l import IMTLL
from keras_mtkd.balancing.loss_weighting.otw import OnlineTaskWeighting
from keras_mtkd.balancing.loss_weighting.rlw import RLW
from keras_mtkd.balancing.loss_weighting.stch import STCH
from keras_mtkd.balancing.loss_weighting.uncertainty import UncertaintyWeights
from keras_mtkd.balancing.registry import get

__all__ = [
    "CDTT",
    "DWA",
    "EDM",
    "FAMO",
    "FSMTL",
    "GDOD",
    "GLS",
    "IMTLG",
    "IMTLL",
    "MGDA",
    "RLW",
    "STCH",
    "AlignedMTL",
    "Balancing",
    "CAGrad",
    "CoGrad",
    "ConicGrad",
    "DynamicTaskPrioritization",
    "EqualWeights",
    "FairGrad",
    "FixedWeights",
    "GradNorm",
    "GradVac",
    "GramMethod",
    "IMGrad",
    "LossWeighting",
    "MultiBalance",
    "NashMTL",
    "OnlineTaskWeighting",
    "PCGrad",
    "ParameterMethod",
    "RotoGrad",
    "SingleGradientStep",
    "Sum",
    "UPGrad",
    "UncertaintyWeights",
    "get",
]

# With `__getattr__`, type checkers would take any name to be there.
if not TYPE_CHECKING:
    _HIERARCHICAL = (
        "Not public, and called hierarchical, since 0.2. Pass "
        '`objectives="hierarchical"` to `keras_mtkd.balancing.Balancing`, which makes it.'
    )
    __getattr__ = renamed_names(
        __name__,
        {
            "Keep": "Not public since 0.2. `keras_mtkd.MultiTaskDistiller` makes it where "
            "gradients are balanced at a representation.",
            "Recorded": "Not public since 0.2. Pass `record=True` to "
            "`keras_mtkd.balancing.Balancing`, which makes it.",
            "TwoLevel": _HIERARCHICAL,
            "TwoLevelWeighting": _HIERARCHICAL,
        },
    )
