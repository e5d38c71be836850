"""Loss weighting and gradient balancing of one student without teachers, and MoKD, by name."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import keras

from keras_mtkd._backend.names import valid_name
from keras_mtkd.balancing import (
    FSMTL,
    Balancing,
    GramMethod,
    LossWeighting,
    OnlineTaskWeighting,
    ParameterMethod,
    SingleGradientStep,
)
from keras_mtkd.balancing.registry import METHODS, names_of
from keras_mtkd.callbacks.sequential_reptile import SequentialReptile
from keras_mtkd.experiments._registry import register
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.ways import features, nothing
from keras_mtkd.metrics.probe_losses import probe_losses
from keras_mtkd.models.hard_sharing import hard_sharing
from keras_mtkd.problem import Problem

Teachers = Mapping[str, keras.Model]
_NEED_ARGUMENTS = ("fixed", "otw")
# The plain sum is `uniform`.
_PLAIN = ("equal", "sum")
# Where the name of the class is not how the field writes it.
_SPELLED = {
    "aligned_mtl": "Aligned-MTL",
    "dynamic_task_prioritization": "Dynamic task prioritization",
    "fs_mtl": "FS-MTL (CAGrad)",
    "imtl_g": "IMTL-G",
    "imtl_l": "IMTL-L",
    "nash_mtl": "Nash-MTL",
    "otw": "OTW",
    "single_gradient_step": "Single gradient step",
    "uncertainty": "Uncertainty",
}
_PROBE = 2048
# Of the way of ten batches; the authors' settings are for far longer training.
_INNER_STEPS, _OUTER_RATE = 10, 0.5


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


def _rotated(problem: Problem) -> keras.Model:
    """The problem's student with a rotation before every head."""
    name = valid_name(f"{problem.name}_student")
    return hard_sharing(problem.backbone(), problem.heads(), name=name, rotations=True)


def _reptile(problem: Problem, teachers: Teachers, settings: Settings, seed: int) -> list[Any]:
    return [SequentialReptile(_INNER_STEPS, _OUTER_RATE, seed=seed)]


def _beside_the_weights() -> dict[str, Method]:
    """Methods that need more than gradients where they are."""
    # The defaults, for larger networks and smaller losses, go too far on small problems.
    closer = {"fs_mtl": FSMTL("cagrad", rho=0.05), "single_gradient_step": SingleGradientStep(1e-4)}
    summary = "Gradients beside the weights, without teachers."
    made = {
        name: _method(_titles()[name], _told(name, summary), method=closer.get(name, name))
        for name in names_of(ParameterMethod)
    }
    made["rotograd"] = Method(
        "RotoGrad",
        nothing,
        balancing=partial(_balancing, method="rotograd"),
        summary="Gradient balancing with a rotation in every head, without teachers.",
        student=_rotated,
    )
    made["sequential_reptile"] = Method(
        "Sequential Reptile",
        nothing,
        callbacks=_reptile,
        summary="One task a batch, and a share of the way of several batches, without teachers "
        "(a reconstruction).",
    )
    return made


def _titles() -> dict[str, str]:
    return {name: _SPELLED.get(name, kind.__name__) for name, kind in METHODS.items()}


def _told(name: str, summary: str) -> str:
    """A summary that says where a method is not the paper's in all that matters."""
    return f"{summary[:-1]} (a reconstruction)." if METHODS[name].reconstructed else summary


def _methods() -> dict[str, Method]:
    titles, made = _titles(), {}
    for name in names_of(LossWeighting):
        if name not in (*_NEED_ARGUMENTS, *_PLAIN):
            summary = "One student on weighted task losses, without teachers."
            made[name] = _method(titles[name], _told(name, summary), method=name)
    made["otw"] = Method(
        titles["otw"],
        nothing,
        balancing=_otw,
        summary="Loss weighting by the teachers' losses on training data.",
    )
    for level, suffix in (("representation", ""), ("parameters", "-parameters")):
        for name in names_of(GramMethod):
            if name not in (*_PLAIN, "rotograd"):
                title = f"{titles[name]}{suffix.replace('-', ', ')}"
                summary = f"Gradient balancing at the {level}, without teachers."
                told = _told(name, summary)
                made[name + suffix] = _method(title, told, method=name, level=level)
    made.update(_beside_the_weights())
    for name in ("upgrad", "cagrad"):
        made[f"mokd-{name}"] = Method(
            f"MoKD, {titles[name]}",
            features,
            balancing=partial(_balancing, method=name, objectives="all"),
            summary="MTLKD whose losses and distances are balanced (a reconstruction of MoKD).",
        )
    return made


BALANCING_METHODS = register(_methods(), group="balancing")
