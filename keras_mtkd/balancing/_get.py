"""From what users write to a method of loss weighting or gradient aggregation."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._export import mtkd_export
from keras_mtkd.balancing.aligned_mtl import AlignedMTL
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
from keras_mtkd.balancing.rlw import RLW
from keras_mtkd.balancing.rotograd import RotoGrad
from keras_mtkd.balancing.single_gradient_step import SingleGradientStep
from keras_mtkd.balancing.stch import STCH
from keras_mtkd.balancing.sum import Sum
from keras_mtkd.balancing.uncertainty import UncertaintyWeights
from keras_mtkd.balancing.upgrad import UPGrad

AnyMethod = GramMethod | ParameterMethod | LossWeighting
GRAM_METHODS: dict[str, type[GramMethod]] = {
    "aligned_mtl": AlignedMTL,
    "cagrad": CAGrad,
    "cdtt": CDTT,
    "conicgrad": ConicGrad,
    "edm": EDM,
    "fairgrad": FairGrad,
    "gdod": GDOD,
    "gradnorm": GradNorm,
    "gradvac": GradVac,
    "imgrad": IMGrad,
    "imtl_g": IMTLG,
    "mgda": MGDA,
    "multibalance": MultiBalance,
    "nash_mtl": NashMTL,
    "pcgrad": PCGrad,
    "rotograd": RotoGrad,
    "sum": Sum,
    "upgrad": UPGrad,
}
PARAMETER_METHODS: dict[str, type[ParameterMethod]] = {
    "cograd": CoGrad,
    "fs_mtl": FSMTL,
    "single_gradient_step": SingleGradientStep,
}
LOSS_WEIGHTINGS: dict[str, type[LossWeighting]] = {
    "dwa": DWA,
    "dynamic_task_prioritization": DynamicTaskPrioritization,
    "equal": EqualWeights,
    "famo": FAMO,
    "fixed": FixedWeights,
    "gls": GLS,
    "imtl_l": IMTLL,
    "otw": OnlineTaskWeighting,
    "rlw": RLW,
    "stch": STCH,
    "uncertainty": UncertaintyWeights,
}
METHODS: dict[str, type[AnyMethod]] = {**GRAM_METHODS, **PARAMETER_METHODS, **LOSS_WEIGHTINGS}
_WITH_ARGUMENTS = {
    "fixed": "FixedWeights(values=[1.0, 0.5])",
    "otw": "OnlineTaskWeighting(reference=[0.4, 1.2])",
}


@mtkd_export("keras_mtkd.balancing.get")
def get(identifier: str | AnyMethod | Mapping[str, Any]) -> AnyMethod:
    """The method that a name, config or instance stands for.

    Args:
        identifier: A `GramMethod`, `ParameterMethod` or `LossWeighting` (returned as it is), the
            name of one, as `"cagrad"` or `"dwa"`, or what `keras.saving.serialize_keras_object`
            made of one.

    Returns:
        A `GramMethod`, `ParameterMethod` or `LossWeighting`.

    Raises:
        ValueError: If the name is not known, or stands for a method that needs arguments.
        TypeError: If the identifier is none of these.

    Examples:
        >>> get("cagrad")
        CAGrad(c=0.4, rescale='square')
        >>> get("dwa")
        DWA(temperature=2.0)
    """
    if isinstance(identifier, Mapping):
        identifier = keras.saving.deserialize_keras_object(dict(identifier))
    if isinstance(identifier, AnyMethod):
        return identifier
    if not isinstance(identifier, str):
        raise TypeError(
            "A method must be a name, a config, a `keras_mtkd.balancing.GramMethod`, "
            "`ParameterMethod` or `LossWeighting`. "
            f"Received: {identifier!r} of type {type(identifier).__name__}."
        )
    if identifier not in METHODS:
        raise ValueError(
            f"A method's name must be one of {sorted(METHODS)}. Received: {identifier!r}."
        )
    if identifier in _WITH_ARGUMENTS:
        raise ValueError(
            f"This method has no defaults: pass one, as `{_WITH_ARGUMENTS[identifier]}`, instead "
            f"of its name. Received: {identifier!r}."
        )
    return METHODS[identifier]()


def get_gram_method(identifier: Any) -> GramMethod:
    """As `get`, for methods of gradient aggregation alone.

    Raises:
        ValueError: As `get`.
        TypeError: If it is another kind of method, or none.
    """
    method = get(identifier)
    if not isinstance(method, GramMethod):
        raise TypeError(
            f"`method` must combine gradients, that is be a `GramMethod`. Received: {method!r}."
        )
    return method
