"""From what users write to a method of gradient aggregation."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._export import mtkd_export
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

METHODS: dict[str, type[GramMethod]] = {
    "aligned_mtl": AlignedMTL,
    "cagrad": CAGrad,
    "cdtt": CDTT,
    "conicgrad": ConicGrad,
    "edm": EDM,
    "fairgrad": FairGrad,
    "gdod": GDOD,
    "gradvac": GradVac,
    "imgrad": IMGrad,
    "imtl_g": IMTLG,
    "mgda": MGDA,
    "multibalance": MultiBalance,
    "nash_mtl": NashMTL,
    "pcgrad": PCGrad,
    "sum": Sum,
    "upgrad": UPGrad,
}


@mtkd_export("keras_mtkd.balancing.get")
def get(identifier: str | GramMethod | Mapping[str, Any]) -> GramMethod:
    """The method that a name, config or instance stands for.

    Args:
        identifier: A `GramMethod` (returned as it is), the name of one, as `"cagrad"`, or what
            `keras.saving.serialize_keras_object` made of one.

    Returns:
        A `GramMethod`.

    Raises:
        ValueError: If the name is not known.
        TypeError: If the identifier is none of these.

    Examples:
        >>> get("cagrad")
        CAGrad(c=0.4, rescale='square')
    """
    if isinstance(identifier, Mapping):
        identifier = keras.saving.deserialize_keras_object(dict(identifier))
    if isinstance(identifier, GramMethod):
        return identifier
    if not isinstance(identifier, str):
        raise TypeError(
            "A method must be a name, a config or a `keras_mtkd.balancing.GramMethod`. "
            f"Received: {identifier!r} of type {type(identifier).__name__}."
        )
    if identifier not in METHODS:
        raise ValueError(
            f"A method's name must be one of {sorted(METHODS)}. Received: {identifier!r}."
        )
    return METHODS[identifier]()
