"""Balancing of tasks: weights of their losses, or of their gradients.

Loss weightings have `weights(losses)`, gradient aggregations `weights(gram, losses=None)`: what
each loss is multiplied by in the objective, or each gradient in the update.
"""

from keras_mtkd.balancing._get import get
from keras_mtkd.balancing.aligned_mtl import AlignedMTL
from keras_mtkd.balancing.balancing import Balancing
from keras_mtkd.balancing.cagrad import CAGrad
from keras_mtkd.balancing.cdtt import CDTT
from keras_mtkd.balancing.cograd import CoGrad
from keras_mtkd.balancing.conicgrad import ConicGrad
from keras_mtkd.balancing.dwa import DWA
from keras_mtkd.balancing.dynamic_task_prioritization import DynamicTaskPrioritization
from keras_mtkd.balancing.edm import EDM
from keras_mtkd.balancing.equal import EqualWeights
from keras_mtkd.balancing.fairgrad import FairGrad
from keras_mtkd.balancing.famo import FAMO
from keras_mtkd.balancing.fixed import FixedWeights
from keras_mtkd.balancing.fs_mtl import FSMTL
from keras_mtkd.balancing.gdod import GDOD
from keras_mtkd.balancing.gls import GLS
from keras_mtkd.balancing.gradnorm import GradNorm
from keras_mtkd.balancing.gradvac import GradVac
from keras_mtkd.balancing.gram_method import GramMethod
from keras_mtkd.balancing.imgrad import IMGrad
from keras_mtkd.balancing.imtl_g import IMTLG
from keras_mtkd.balancing.imtl_l import IMTLL
from keras_mtkd.balancing.loss_weighting import LossWeighting
from keras_mtkd.balancing.mgda import MGDA
from keras_mtkd.balancing.multibalance import MultiBalance
from keras_mtkd.balancing.nash_mtl import NashMTL
from keras_mtkd.balancing.otw import OnlineTaskWeighting
from keras_mtkd.balancing.parameter_method import ParameterMethod
from keras_mtkd.balancing.pcgrad import PCGrad
from keras_mtkd.balancing.recorded import Recorded
from keras_mtkd.balancing.rlw import RLW
from keras_mtkd.balancing.rotograd import RotoGrad
from keras_mtkd.balancing.single_gradient_step import SingleGradientStep
from keras_mtkd.balancing.stch import STCH
from keras_mtkd.balancing.sum import Sum
from keras_mtkd.balancing.two_level import TwoLevel
from keras_mtkd.balancing.two_level_weighting import TwoLevelWeighting
from keras_mtkd.balancing.uncertainty import UncertaintyWeights
from keras_mtkd.balancing.upgrad import UPGrad
from keras_mtkd.optimizers_by_layer import Keep

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
    "Keep",
    "LossWeighting",
    "MultiBalance",
    "NashMTL",
    "OnlineTaskWeighting",
    "PCGrad",
    "ParameterMethod",
    "Recorded",
    "RotoGrad",
    "SingleGradientStep",
    "Sum",
    "TwoLevel",
    "TwoLevelWeighting",
    "UPGrad",
    "UncertaintyWeights",
    "get",
]
