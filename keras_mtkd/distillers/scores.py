"""Scores of a model on a data set, task by task."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._graph.ends import graph_ends, is_graph, prediction
from keras_mtkd.distillers.multi_task_model import MultiTaskModel
from keras_mtkd.task import Task


def task_scores(
    model: keras.Model, tasks: Mapping[str, Task], data: Any
) -> dict[str, dict[str, float]]:
    """All metrics of the tasks that a model predicts.

    Args:
        model: Functional model with dict outputs, of one or several of the tasks.
        tasks: `{name: task}`.
        data: A data set, or arrays `(x, y)` or `(x, y, sample_weight)`.

    Returns:
        `{task: {metric: value}}`.
    """
    names = [task for task in tasks if task in model.output]
    judge = MultiTaskModel(model)
    metrics = {task: tasks[task].new_metrics() for task in names}
    judge.compile(loss={task: tasks[task].new_loss() for task in names}, metrics=metrics)
    arrays = data if isinstance(data, tuple | list) else (data,)
    x, y, weight = (*arrays, None, None)[:3]
    logs = judge.evaluate(x, y, sample_weight=weight, return_dict=True, verbose=0)
    shown = {task: [m if isinstance(m, str) else m.name for m in metrics[task]] for task in names}
    # Keras leaves the task out of the names where there is only one.
    prefix = {task: "" if len(names) == 1 else f"{task}_" for task in names}
    return {task: {n: float(logs[prefix[task] + n]) for n in shown[task]} for task in names}


def teacher_scores(
    teachers: Mapping[str, keras.Model], tasks: Mapping[str, Task], data: Any
) -> dict[str, float]:
    """The score of every task's own teacher, against which Δ_MTL is measured.

    Args:
        teachers: `{task: model}`, functional; each predicts its task alone or in a dict.
        tasks: `{name: task}`.
        data: As in `task_scores`.

    Returns:
        `{task: score}` of the tasks that have a teacher.

    Raises:
        ValueError: If a teacher has no functional graph.
    """
    scores = {}
    for task, teacher in teachers.items():
        if not is_graph(teacher):
            raise ValueError(
                f"The teacher of '{task}' is no functional model, so its score cannot be "
                "measured here. Pass the scores: `single_task={task: score}`."
            )
        inputs, outputs = graph_ends(teacher)
        alone = keras.Model(inputs, {task: prediction(outputs, task)})
        scores[task] = task_scores(alone, tasks, data)[task][str(tasks[task].score)]
    return scores
