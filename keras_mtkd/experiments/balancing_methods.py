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
from keras_mtkd.experiments.balancing_purposes import PURPOSES
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


def _titles() -> dict[str, str]:
    return {name: _SPELLED.get(name, kind.__name__) for name, kind in METHODS.items()}


def _told(name: str, summary: str) -> str:
    """A summary that says where a method is not the paper's in all that matters."""
    return f"{summary[:-1]} (a reconstruction)." if METHODS[name].reconstructed else summary


def _purpose(name: str, summary: str) -> str:
    """What a method is for, or else what its family does."""
    return PURPOSES.get(name) or _told(name, summary)


def _weightings() -> dict[str, Method]:
    titles, summary = _titles(), "One student on weighted task losses."
    made = {
        name: _method(titles[name], _purpose(name, summary), method=name)
        for name in names_of(LossWeighting)
        if name not in (*_NEED_ARGUMENTS, *_PLAIN)
    }
    made["otw"] = Method(titles["otw"], nothing, balancing=_otw, summary=PURPOSES["otw"])
    return made


def _of_gradients(level: str) -> dict[str, Method]:
    """Methods by the name that they have at the representation, at any level."""
    made = {}
    for name, title in _titles().items():
        if name not in names_of(GramMethod) or name in (*_PLAIN, "rotograd"):
            continue
        if level == "representation":
            summary = _purpose(name, "Gradient balancing at the representation.")
        else:
            title, summary = f"{title}, {level}", _told(name, f"As {name}, over the weights.")
        made[name] = _method(title, summary, method=name, level=level)
    return dict(sorted(made.items()))


def _of_parameters() -> dict[str, Method]:
    return {f"{name}-parameters": method for name, method in _of_gradients("parameters").items()}


def _beside_the_weights() -> dict[str, Method]:
    """Methods that need more than gradients where they are."""
    # The defaults, for larger networks and smaller losses, go too far on small problems.
    closer = {"fs_mtl": FSMTL("cagrad", rho=0.05), "single_gradient_step": SingleGradientStep(1e-4)}
    summary = "Gradients beside the weights."
    made = {
        name: _method(_titles()[name], _purpose(name, summary), method=closer.get(name, name))
        for name in names_of(ParameterMethod)
    }
    made["rotograd"] = Method(
        "RotoGrad",
        nothing,
        balancing=partial(_balancing, method="rotograd"),
        summary="Turns what heads see until gradients agree.",
        student=_rotated,
    )
    made["sequential_reptile"] = Method(
        "Sequential Reptile",
        nothing,
        callbacks=_reptile,
        summary="Tasks in turn, ten batches a step (a reconstruction).",
    )
    return made


def _mokd() -> dict[str, Method]:
    return {
        f"mokd-{name}": Method(
            f"MoKD, {_titles()[name]}",
            features,
            balancing=partial(_balancing, method=name, objectives="all"),
            summary="MTLKD, losses and distances balanced (a reconstruction).",
        )
        for name in ("upgrad", "cagrad")
    }


# What each family is for, and its methods.
_FAMILIES = {
    "Loss weighting, labels alone: one task's loss drowns the others": _weightings(),
    "Gradient aggregation, labels alone: tasks pull shared weights apart": _of_gradients(
        "representation"
    ),
    "The same over the weights: for students without one shared layer": _of_parameters(),
    "Costlier balancing, labels alone: steps ahead, rotations, tasks in turn": (
        _beside_the_weights()
    ),
    "Balanced distillation: a teacher's gradient fights the label's": _mokd(),
}
BALANCING_METHODS: dict[str, Method] = {}
for _family, _methods in _FAMILIES.items():
    BALANCING_METHODS.update(register(_methods, group="balancing", family=_family))
