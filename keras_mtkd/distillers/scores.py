"""Scores of a model on a data set, task by task."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._graph.ends import alone, graph_ends, is_graph
from keras_mtkd.distillation.head import conversion
from keras_mtkd.distillers.multi_task_model import MultiTaskModel
from keras_mtkd.distillers.score_forms import score_forms
from keras_mtkd.task import Task


def task_scores(
    model: keras.Model,
    tasks: Mapping[str, Task],
    data: Any,
    teller: keras.Model | None = None,
    look: bool = True,
) -> dict[str, dict[str, float]]:
    """All metrics of the tasks that a model predicts.

    Metrics read predictions as the task's loss does. Where a model gives probabilities and the loss
    takes logits, or the reverse, predictions are brought to the form of the loss before. Where
    neither graph nor compiled loss tells the form, the first answers on the data do, with a
    warning unless they are plainly what the loss takes.

    Args:
        model: Functional model with dict outputs, of one or several of the tasks.
        tasks: `{name: task}`.
        data: A data set, or arrays `(x, y)` or `(x, y, sample_weight)`.
        teller: The model whose compiled loss tells the form; by default the model itself.
        look: False for a model that was trained by the tasks' own losses, which then gives what
            they take.

    Returns:
        `{task: {metric: value}}`.
    """
    names = [task for task in tasks if task in model.output]
    asked = {task: tasks[task] for task in names}
    judge = MultiTaskModel(_as_losses_take(model, asked, data, teller, look))
    metrics = {task: tasks[task].new_metrics() for task in names}
    judge.compile(loss={task: tasks[task].new_loss() for task in names}, metrics=metrics)
    arrays = data if isinstance(data, tuple | list) else (data,)
    x, y, weight = (*arrays, None, None)[:3]
    logs = judge.evaluate(x, y, sample_weight=weight, return_dict=True, verbose=0)
    shown = {task: [m if isinstance(m, str) else m.name for m in metrics[task]] for task in names}
    # Keras leaves the task out of the names where there is only one.
    prefix = {task: "" if len(names) == 1 else f"{task}_" for task in names}
    return {task: {n: float(logs[prefix[task] + n]) for n in shown[task]} for task in names}


def _as_losses_take(
    model: keras.Model, tasks: Mapping[str, Task], data: Any, teller: keras.Model | None, look: bool
) -> keras.Model:
    """The model, with the predictions changed that are no logits where losses take them, or are."""
    if not is_graph(model):
        return model
    inputs, outputs = graph_ends(model)
    changes = {}
    for name, forms in score_forms(model, tasks, data, teller, look).items():
        change = conversion(*forms)
        if change is not None:
            changes[name] = change(outputs[name])
    return keras.Model(inputs, {**outputs, **changes}) if changes else model


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
        found = task_scores(alone(teacher, task), tasks, data, teller=teacher)
        scores[task] = found[task][str(tasks[task].score)]
    return scores
