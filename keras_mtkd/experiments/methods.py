"""The methods that can be compared, by name."""

from functools import partial
from typing import Any

from keras_mtkd.distillation import LogitDistillation
from keras_mtkd.experiments.method import Method, Settings
from keras_mtkd.experiments.scd_methods import SCD_METHODS, features
from keras_mtkd.problem import Problem


def _logits(
    problem: Problem, settings: Settings, use_sample_weight: bool | str = True
) -> list[Any]:
    weight, temperature = settings.logit_weight, settings.temperature
    return [LogitDistillation(None, weight, temperature, use_sample_weight=use_sample_weight)]


SINGLE = "single"
METHODS: dict[str, Method] = {
    "uniform": Method("Uniform", lambda problem, settings: []),
    "mtlkd": Method("MTLKD", features),
    "logits": Method("Logits", _logits),
    # Where labels are missing: teachers teach on the unlabelled samples too.
    "mtlkd-fill": Method("MTLKD, all samples", partial(features, use_sample_weight=False)),
    "logits-fill": Method("Logits, all samples", partial(_logits, use_sample_weight=False)),
    **SCD_METHODS,
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
            raise ValueError(f"There is no method '{name}'. Known: {', '.join(known_methods())}.")
