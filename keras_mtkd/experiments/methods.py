"""The methods that can be compared, by name."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from keras_mtkd._backend.names import unknown
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


# One name for many, where names are given.
METHOD_GROUPS: dict[str, tuple[str, ...]] = {
    "balancing": tuple(BALANCING_METHODS),
    "scd-variants": tuple(SCD_METHODS),
}


def known_methods() -> list[str]:
    """Names of single methods that `compare` takes; it takes those of `METHOD_GROUPS` as well."""
    return [SINGLE, *METHODS]


def expand_methods(names: Iterable[str]) -> list[str]:
    """Names of methods, in order and each once, with groups spelled out.

    Raises:
        ValueError: If a name is not known; it tells those that are.
    """
    known = [*known_methods(), *METHOD_GROUPS]
    found: dict[str, None] = {}
    for name in names:
        if name not in known:
            raise ValueError(unknown("method", name, known))
        found |= dict.fromkeys(METHOD_GROUPS.get(name, (name,)))
    return list(found)


def title_of(method: str) -> str:
    """The name of a method in tables and pictures."""
    return METHODS[method].title if method in METHODS else "Single"
