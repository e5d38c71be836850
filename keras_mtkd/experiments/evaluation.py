"""Scores of a model on one of a problem's data sets."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._graph.ends import alone
from keras_mtkd.distillers.scores import task_scores
from keras_mtkd.problem import Problem


@mtkd_export("keras_mtkd.experiments.evaluate_tasks")
def evaluate_tasks(model: keras.Model, problem: Problem, data: Any) -> dict[str, dict[str, float]]:
    """All metrics of the tasks that a model predicts.

    Where neither the model's graph nor the loss that it is compiled with tells whether it gives
    logits or probabilities, its answers on the first samples do: probabilities are all within 0 and
    1, and those of classes add up to 1. A warning tells where that is not what the loss takes.

    Args:
        model: Functional model with dict outputs, of one or several of the problem's tasks.
        problem: The problem.
        data: One of its data sets.

    Returns:
        `{task: {metric: value}}`.

    Raises:
        TypeError: If the outputs are no dict, so that which task they predict is not told.
    """
    return task_scores(_with_names(model, problem), problem.tasks, data)


def evaluate_trained(
    model: keras.Model, problem: Problem, data: Any
) -> dict[str, dict[str, float]]:
    """The same of a model that the problem's own losses trained, which gives what they take."""
    return task_scores(_with_names(model, problem), problem.tasks, data, look=False)


def evaluate_teacher(
    teacher: keras.Model, task: str, problem: Problem, data: Any
) -> dict[str, dict[str, float]]:
    """The same of a user's teacher of one task, `{task: {metric: value}}`."""
    return task_scores(alone(teacher, task), problem.tasks, data, teller=teacher)


def _with_names(model: keras.Model, problem: Problem) -> keras.Model:
    if not isinstance(model.output, Mapping):
        raise TypeError(
            "The model's outputs must be a dict, `{task: tensor}`, as in "
            f"`keras.Model(model.input, {{'{next(iter(problem.tasks))}': model.output}})`. "
            f"Received: model '{model.name}' with {len(model.outputs)} output(s) without names."
        )
    return model
