"""The methods that can be compared, by name."""

from functools import partial
from typing import Any

from keras_mtkd._names import unknown
from keras_mtkd.distillation import LogitDistillation
from keras_mtkd.experiments.balancing_methods import BALANCING_METHODS
from keras_mtkd.experiments.method import Method, Settings
from keras_mtkd.experiments.online_method import OnlineMethod
from keras_mtkd.experiments.scd_methods import SCD_METHODS, features, nothing
from keras_mtkd.problem import Problem


def _logits(
    problem: Problem, settings: Settings, use_sample_weight: bool | str = True
) -> list[Any]:
    weight, temperature = settings.logit_weight, settings.temperature
    return [LogitDistillation(None, weight, temperature, use_sample_weight=use_sample_weight)]


SINGLE = "single"
SINGLE_SUMMARY = "One model a task: the teachers, against which changes are measured."
METHODS: dict[str, Method] = {
    "uniform": Method(
        "Uniform",
        nothing,
        summary="One student on the plain sum of task losses, without teachers.",
    ),
    "mtlkd": Method(
        "MTLKD",
        features,
        summary="Adaptors align the shared feature with every teacher's (Li and Bilen, 2020).",
    ),
    "logits": Method(
        "Logits", _logits, summary="The student learns the teachers' predictions as well."
    ),
    # Where labels are missing: teachers teach on the unlabelled samples too.
    "mtlkd-fill": Method(
        "MTLKD, all samples",
        partial(features, use_sample_weight=False),
        summary="MTLKD, also on samples without a label.",
    ),
    "logits-fill": Method(
        "Logits, all samples",
        partial(_logits, use_sample_weight=False),
        summary="Predictions of teachers, also on samples without a label.",
    ),
    "online-kd": OnlineMethod(
        "OnlineKD",
        features,
        summary="Single-task networks train along and guide the student (Jacob et al., 2023).",
    ),
    "online-kd-equal": OnlineMethod(
        "OnlineKD, equal weights",
        features,
        summary="OnlineKD without its weighting of the tasks.",
        temperature=1e6,
    ),
    **SCD_METHODS,
    **BALANCING_METHODS,
}


def known_methods() -> list[str]:
    """Names that `compare` takes."""
    return [SINGLE, *METHODS]


def check_methods(names: tuple[str, ...]) -> None:
    """Refuse names that are not known.

    Raises:
        ValueError: Naming the unknown method and those that are known.
    """
    for name in names:
        if name not in known_methods():
            raise ValueError(unknown("method", name, known_methods()))
