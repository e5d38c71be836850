"""Scores of a model on one of a problem's data sets."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.distillers.scores import task_scores
from keras_mtkd.problem import Problem


@mtkd_export("keras_mtkd.experiments.evaluate_tasks")
def evaluate_tasks(model: keras.Model, problem: Problem, data: Any) -> dict[str, dict[str, float]]:
    """All metrics of the tasks that a model predicts.

    Args:
        model: Functional model with dict outputs, of one or several of the problem's tasks.
        problem: The problem.
        data: One of its data sets.

    Returns:
        `{task: {metric: value}}`.

    Raises:
        TypeError: If the outputs are no dict, so that which task they predict is not told.
    """
    if not isinstance(model.output, Mapping):
        raise TypeError(
            "The model's outputs must be a dict, `{task: tensor}`, as in "
            f"`keras.Model(model.input, {{'{next(iter(problem.tasks))}': model.output}})`. "
            f"Received: model '{model.name}' with {len(model.outputs)} output(s) without names."
        )
    return task_scores(model, problem.tasks, data)
