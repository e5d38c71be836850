"""Search for good distillations, by Keras Tuner, Optuna or anything that draws values."""

from typing import TYPE_CHECKING, Any

from keras_mtkd.tuning.objective import objective
from keras_mtkd.tuning.space import search_space
from keras_mtkd.tuning.students import new_distiller, schedule_callbacks

if TYPE_CHECKING:
    from keras_mtkd.tuning.hyper_model import DistillationHyperModel

__all__ = [
    "DistillationHyperModel",
    "new_distiller",
    "objective",
    "schedule_callbacks",
    "search_space",
]


def __getattr__(name: str) -> Any:
    # Its base class is Keras Tuner's, which is imported when it is asked for, not before.
    if name == "DistillationHyperModel":
        from keras_mtkd.tuning.hyper_model import DistillationHyperModel

        return DistillationHyperModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
