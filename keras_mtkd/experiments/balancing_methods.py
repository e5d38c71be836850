"""Loss weighting and gradient balancing of one student without teachers, and MoKD, by name."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import keras

from keras_mtkd.balancing import Balancing, OnlineTaskWeighting
from keras_mtkd.balancing._get import GRAM_METHODS, LOSS_WEIGHTINGS
from keras_mtkd.experiments.method import Method, Settings
from keras_mtkd.experiments.scd_methods import features, nothing
from keras_mtkd.indicators import probe_losses
from keras_mtkd.problem import Problem

Teachers = Mapping[str, keras.Model]
_NEED_ARGUMENTS = ("fixed", "otw")
# The plain sum is `uniform`.
_PLAIN = ("equal", "sum")
_PROBE = 2048


def _balancing(
    problem: Problem, teachers: Teachers, settings: Settings, **options: Any
) -> Balancing:
    return Balancing(**options)


def _otw(problem: Problem, teachers: Teachers, settings: Settings) -> OnlineTaskWeighting:
    """The teachers' losses on training data are what the student's are compared with."""
    reference = probe_losses(teachers, problem.losses(), problem.train, _PROBE)
    return OnlineTaskWeighting([reference[task] for task in problem.tasks])


def _method(title: str, summary: str, **options: Any) -> Method:
    return Method(title, nothing, balancing=partial(_balancing, **options), summary=summary)


def _methods() -> dict[str, Method]:
    titles = {name: cls.__name__ for name, cls in {**GRAM_METHODS, **LOSS_WEIGHTINGS}.items()}
    made = {}
    for name in LOSS_WEIGHTINGS:
        if name not in (*_NEED_ARGUMENTS, *_PLAIN):
            summary = "Loss weighting, without teachers."
            made[name] = _method(titles[name], summary, method=name)
    made["otw"] = Method(
        titles["otw"],
        nothing,
        balancing=_otw,
        summary="Loss weighting by the teachers' losses on training data.",
    )
    for level, suffix in (("representation", ""), ("parameters", "-parameters")):
        for name in GRAM_METHODS:
            if name not in _PLAIN:
                title = f"{titles[name]}{suffix.replace('-', ', ')}"
                summary = f"Gradient balancing at the {level}, without teachers."
                made[name + suffix] = _method(title, summary, method=name, level=level)
    for name in ("upgrad", "cagrad"):
        made[f"mokd-{name}"] = Method(
            f"MoKD, {titles[name]}",
            features,
            balancing=partial(_balancing, method=name, objectives="all"),
            summary="MTLKD whose losses and distances are balanced (a reconstruction of MoKD).",
        )
    return made


BALANCING_METHODS: dict[str, Method] = _methods()
