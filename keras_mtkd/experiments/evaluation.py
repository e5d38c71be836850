"""Scores of a model on a data set, task by task."""

from typing import Any

import keras

from keras_mtkd.distiller import MultiTaskDistiller
from keras_mtkd.problem import Problem


def evaluate_tasks(model: keras.Model, problem: Problem, data: Any) -> dict[str, dict[str, float]]:
    """All metrics of the tasks that a model predicts.

    Args:
        model: Functional model with dict outputs, of one or several of the problem's tasks.
        problem: The problem.
        data: One of its data sets.

    Returns:
        `{task: {metric: value}}`.
    """
    tasks = [task for task in problem.tasks if task in model.output]
    judge = MultiTaskDistiller(model, {})
    metrics = {task: problem.metrics()[task] for task in tasks}
    losses = {task: problem.losses()[task] for task in tasks}
    judge.compile(loss=losses, metrics=metrics)
    logs = judge.evaluate(data, return_dict=True, verbose=0)
    names = {task: [m if isinstance(m, str) else m.name for m in metrics[task]] for task in tasks}
    # Keras leaves the task out of the names where there is only one.
    prefix = {task: "" if len(tasks) == 1 else f"{task}_" for task in tasks}
    return {task: {n: float(logs[prefix[task] + n]) for n in names[task]} for task in tasks}
