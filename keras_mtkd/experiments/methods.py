"""The methods that can be compared, by name."""

from typing import Any

from keras_mtkd.distillation import LogitDistillation
from keras_mtkd.experiments.method import Method, Settings
from keras_mtkd.experiments.scd_methods import SCD_METHODS, features
from keras_mtkd.problem import Problem


def _logits(problem: Problem, settings: Settings) -> list[Any]:
    temperature = settings.temperature
    return [LogitDistillation(weight=settings.logit_weight, temperature=temperature)]


SINGLE = "single"
METHODS: dict[str, Method] = {
    "uniform": Method("Uniform", lambda problem, settings: []),
    "mtlkd": Method("MTLKD", features),
    "logits": Method("Logits", _logits),
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
