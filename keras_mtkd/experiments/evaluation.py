"""Scores of a model on one of a problem's data sets."""

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
    """
    return task_scores(model, problem.tasks, data)
