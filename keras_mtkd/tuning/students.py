"""From the choices of a search to what is trained."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.balancing import Balancing
from keras_mtkd.callbacks import SequentialDistillation, SimilarityGrouping
from keras_mtkd.distillation import Distillation, FeatureDistillation, LogitDistillation
from keras_mtkd.distillers.balancing.split import has_shared_layer
from keras_mtkd.distillers.multi_task_distiller import MultiTaskDistiller
from keras_mtkd.problem import Problem
from keras_mtkd.teachers.fitting import new_optimizer, steps_per_epoch
from keras_mtkd.tuning.space import ALL_TAPS, NO_BALANCING


@mtkd_export("keras_mtkd.tuning.new_distiller")
def new_distiller(
    problem: Problem,
    teachers: Mapping[str, keras.Model],
    choices: Mapping[str, Any],
    epochs: int,
    student: keras.Model | None = None,
) -> MultiTaskDistiller:
    """A compiled distiller that does what was chosen.

    Args:
        problem: The problem.
        teachers: `{task: model}`.
        choices: As `search_space` draws them.
        epochs: Epochs of a whole run, over which learning rates fall to 0 as a cosine.
        student: A new student; by default the problem's.

    Returns:
        A new distiller.
    """
    student = problem.student() if student is None else student
    model = MultiTaskDistiller(
        student,
        teachers,
        _ways(problem, teachers, choices),
        balancing=_balancing(student, choices.get("balancing", NO_BALANCING)),
    )
    steps = epochs * steps_per_epoch(problem.train)
    adaptors = new_optimizer(choices["adaptor_learning_rate"], steps)
    model.compile(
        optimizer=new_optimizer(choices["learning_rate"], steps),
        adaptor_optimizer=adaptors if model.adaptors else None,
        loss=problem.losses(),
        metrics=problem.metrics(),
    )
    return model


@mtkd_export("keras_mtkd.tuning.schedule_callbacks")
def schedule_callbacks(
    problem: Problem, choices: Mapping[str, Any], epochs: int, complexity: str = "teacher"
) -> list[keras.callbacks.Callback]:
    """The callbacks of SCD as they were chosen; none where the schedule is `"none"`.

    Args:
        problem: The problem.
        choices: As `search_space` draws them.
        epochs: Epochs of a whole run. The stages are planned for it, also where `fit` trains only
            a part, as in the rounds of Hyperband.
        complexity: As in `SequentialDistillation`. A trial epoch is taken back, so a round of one
            epoch would measure an untrained student.

    Returns:
        New callbacks.
    """
    if choices["schedule"] == "none":
        return []
    return [
        SimilarityGrouping(layer=_taps(problem, choices)[0], threshold=choices["threshold"]),
        _WholeRun(
            epochs,
            mode=choices["mode"],
            stages=choices["stages"],
            last_start=choices["last_start"],
            complexity=complexity,
        ),
    ]


class _WholeRun(SequentialDistillation):
    """Plans its stages for a run of which `fit` may train a part."""

    def __init__(self, epochs: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._whole = epochs

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params({**params, "epochs": max(self._whole, params["epochs"])})


def _balancing(student: keras.Model, chosen: Any) -> Any:
    """The chosen balancing; of gradients where all tasks meet, if they do anywhere."""
    if chosen == NO_BALANCING:
        return None
    if not isinstance(chosen, str):
        return chosen
    balancing = Balancing(chosen)
    if balancing.of_gradients and not has_shared_layer(student):
        return Balancing(chosen, level="parameters")
    return balancing


def _taps(problem: Problem, choices: Mapping[str, Any]) -> list[str]:
    return list(problem.taps) if choices["tap"] == ALL_TAPS else [choices["tap"]]


def _ways(
    problem: Problem, teachers: Mapping[str, keras.Model], choices: Mapping[str, Any]
) -> list[Distillation]:
    """Feature distillation at every chosen tap, and logit distillation unless its weight is 0."""
    distance, weight = choices["distance"], choices["weight"]
    if isinstance(weight, Mapping):
        weight = {task: value for task, value in weight.items() if task in teachers}
    made: list[Distillation] = [
        FeatureDistillation(tap, weight=weight, loss=distance) for tap in _taps(problem, choices)
    ]
    if choices["logit_weight"] > 0:
        logits = LogitDistillation(None, choices["logit_weight"], choices["temperature"])
        made.append(logits)
    return made
