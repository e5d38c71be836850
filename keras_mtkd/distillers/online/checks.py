"""Checks of what `OnlineKD` is made from, with messages that name the task."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras

from keras_mtkd._backend.causes import cause_of
from keras_mtkd._backend.names import unknown_task
from keras_mtkd._graph.ends import graph_ends, prediction
from keras_mtkd._graph.inputs import check_same_inputs
from keras_mtkd._graph.taps import require_functional
from keras_mtkd.distillation import FeatureDistillation
from keras_mtkd.distillers.wiring import as_distillations
from keras_mtkd.losses.normalized_l2 import NormalizedL2
from keras_mtkd.losses.validation import check_output_name


def check_singles(student: keras.Model, singles: Any) -> None:
    """Refuse single-task networks that cannot be trained along with this student.

    Raises:
        TypeError: If `singles` is no dict of Keras models.
        ValueError: If a task has no network, a network no task or no prediction of it, takes other
            inputs than the student, or weights are shared.
    """
    if not isinstance(singles, Mapping):
        raise TypeError(
            "`singles` must be a dict, `{task: keras.Model}`. "
            f"Received: {type(singles).__name__}."
        )
    tasks = list(student.output)
    for task in [*tasks, *singles]:
        if task not in singles:
            raise ValueError(
                f"The task '{task}' has no single-task network. Pass one for every task of the "
                f"student: {tasks}. Received networks for: {list(singles)}."
            )
        if task not in tasks:
            raise ValueError(
                f"There is a single-task network for '{task}', which is not a task of the "
                f"student. Its tasks: {tasks}."
            )
    owners = {id(variable): "the student" for variable in student.variables}
    for task, single in singles.items():
        _check_single(task, single, owners, tasks)
        try:
            check_same_inputs(student, single)
        except ValueError as error:
            raise ValueError(f"Single-task network of '{task}': {error}") from cause_of(error)


def _check_single(task: str, single: Any, owners: dict[int, str], tasks: Sequence[str]) -> None:
    """Refuse one network; `owners` says whose the variables of the models before are."""
    require_functional(single, f"single-task network of '{task}'")
    check_output_name(f"single-task network of '{task}'", task, single, tasks)
    prediction(graph_ends(single)[1], task)
    name = f"the network of '{task}'"
    for variable in single.variables:
        owner = owners.setdefault(id(variable), name)
        if owner != name:
            raise ValueError(
                f"The single-task network of '{task}' shares weights with {owner}. Each must be "
                "a model of its own: `keras.models.clone_model` makes one."
            )


def check_distillation(distillation: Any, tasks: Sequence[str]) -> list[FeatureDistillation]:
    """The ways of distilling, checked.

    Raises:
        TypeError: If one is no `FeatureDistillation`.
        ValueError: If one names an unknown task or has another distance, or two have one name.
    """
    ways = []
    for way in as_distillations(distillation):
        if not isinstance(way, FeatureDistillation):
            raise TypeError(
                "`distillation` must contain `FeatureDistillation`s: online distillation compares "
                f"features. Received: {way!r} of type {type(way).__name__}."
            )
        _check_way(way, tasks)
        ways.append(way)
    return ways


def _check_way(way: FeatureDistillation, tasks: Iterable[str]) -> None:
    weighted = way.weight if isinstance(way.weight, dict) else {}
    for task in [*(way.tasks or ()), *weighted]:
        if task not in tasks:
            by = f"Distillation '{way.name}' names the task"
            raise ValueError(unknown_task(by, task, tasks))
    if type(way.loss) is not NormalizedL2:
        raise ValueError(
            f"Distillation '{way.name}' has the loss {way.loss!r}. In online distillation the "
            "distance is adaptive, `| u(student) - σ u(teacher) |²`: leave `loss` out."
        )
