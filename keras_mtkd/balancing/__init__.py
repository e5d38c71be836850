"""Gradient aggregation: from the tasks' gradients to one update, by their inner products.

Every method has `weights(gram, losses=None)`: what each gradient is multiplied by in the update.
"""

from keras_mtkd.balancing._get import get
from keras_mtkd.balancing.aligned_mtl import AlignedMTL
from keras_mtkd.balancing.cagrad import CAGrad
from keras_mtkd.balancing.cdtt import CDTT
from keras_mtkd.balancing.conicgrad import ConicGrad
from keras_mtkd.balancing.edm import EDM
from keras_mtkd.balancing.fairgrad import FairGrad
from keras_mtkd.balancing.gdod import GDOD
from keras_mtkd.balancing.gradvac import GradVac
from keras_mtkd.balancing.gram_method import GramMethod
from keras_mtkd.balancing.imgrad import IMGrad
from keras_mtkd.balancing.imtl_g import IMTLG
from keras_mtkd.balancing.mgda import MGDA
from keras_mtkd.balancing.multibalance import MultiBalance
from keras_mtkd.balancing.nash_mtl import NashMTL
from keras_mtkd.balancing.pcgrad import PCGrad
from keras_mtkd.balancing.sum import Sum
from keras_mtkd.balancing.upgrad import UPGrad

__all__ = [
    "CDTT",
    "EDM",
    "GDOD",
    "IMTLG",
    "MGDA",
    "AlignedMTL",
    "CAGrad",
    "ConicGrad",
    "FairGrad",
    "GradVac",
    "GramMethod",
    "IMGrad",
    "MultiBalance",
    "NashMTL",
    "PCGrad",
    "Sum",
    "UPGrad",
    "get",
]
