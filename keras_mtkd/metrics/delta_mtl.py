"""How much a multi-task model gains over single-task models."""

from collections.abc import Iterable, Mapping

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.task import Task, listed_tasks

DELTA = "Δ_MTL"
"""The mean change, as a column of tables."""


@mtkd_export("keras_mtkd.metrics.delta_mtl")
def delta_mtl(
    results: Mapping[str, float],
    single_task: Mapping[str, float],
    tasks: Mapping[str, Task] | Iterable[Task],
) -> float:
    """Mean relative change over single-task models, in percent; up is better.

    `100 / T * sum_t s_t (M_t - S_t) / |S_t|` with `s_t = -1` where lower is better. Scores below 0,
    such as an R² of a model that is worse than the mean, say little as a base; up is better with
    them too.

    Args:
        results: `{task: score}` of the multi-task model.
        single_task: `{task: score}` of the single-task models.
        tasks: The tasks, for which way is up.

    Returns:
        Δ_MTL in percent.

    Raises:
        ValueError: If a task has no score or its single-task score is 0.
        TypeError: If tasks are no `Task`s, as their names are.

    Examples:
        >>> tasks = [
        ...     Task("class", None, "mse", ["accuracy"]),
        ...     Task("depth", None, "mse", ["mae"], higher_is_better=False),
        ... ]
        >>> delta_mtl({"class": 0.88, "depth": 0.45}, {"class": 0.8, "depth": 0.5}, tasks)
        10.0

    Source: Vandenhende et al., "Multi-Task Learning for Dense Prediction Tasks: A Survey" (2021),
    equation for the multi-task performance Δ_m; the bars around `S_t` are this package's.
    """
    changes = relative_changes(results, single_task, tasks)
    return round(sum(changes.values()) / len(changes), 10)


@mtkd_export("keras_mtkd.metrics.relative_changes")
def relative_changes(
    results: Mapping[str, float],
    single_task: Mapping[str, float],
    tasks: Mapping[str, Task] | Iterable[Task],
) -> dict[str, float]:
    """The terms of Δ_MTL, `{task: percent}`, up is better.

    Raises:
        ValueError: If a task has no score or its single-task score is 0.
        TypeError: If tasks are no `Task`s, as their names are.
    """
    changes = {}
    for task in listed_tasks(tasks):
        for which, scores in (("result", results), ("single-task score", single_task)):
            if task.name not in scores:
                raise ValueError(f"There is no {which} for task '{task.name}'.")
        base = float(single_task[task.name])
        if base == 0:
            raise ValueError(
                f"The single-task score of '{task.name}' is 0, so a relative change is not "
                "defined. Choose another `score` for this task."
            )
        sign = 1.0 if task.higher_is_better else -1.0
        changes[task.name] = 100.0 * sign * (float(results[task.name]) - base) / abs(base)
    return changes
