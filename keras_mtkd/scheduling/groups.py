"""The best groups of tasks under a budget of models."""

from collections.abc import Sequence
from itertools import chain, combinations
from typing import Any

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd.scheduling.blocks import check_matrix

_MOST_TASKS = 12
_ALONE = -1e6


@mtkd_export("keras_mtkd.scheduling.select_groups")
def select_groups(
    affinity: Any,
    budget: int,
    tasks: Sequence[str] | None = None,
    alone: float = _ALONE,
) -> list[list[Any]]:
    """Choose at most `budget` groups that serve every task best.

    In a group the score of task j is the mean of `affinity[i, j]` over its other members i. Each
    task is served by the chosen group in which it scores highest; the sum over tasks is
    maximal, found by integer programming. Groups may overlap.

    Args:
        affinity: Matrix `(T, T)`; `[i, j]` is how much training on i helps j.
        budget: Largest number of groups.
        tasks: Names of the tasks; by default their numbers.
        alone: Score of a task in a group of its own.

    Returns:
        The groups, largest sums first in no particular tie order, as lists of names.

    Raises:
        TypeError: If `tasks` is one text.
        ValueError: If the matrix is malformed, the budget below 1 or there are more than 12
            tasks (the number of groups doubles with each: use `group_tasks` there).
        ImportError: If SciPy is not installed.

    Source: Fifty et al., "Efficiently Identifying Task Groupings for Multi-Task Learning"
    (2021); the authors' code searches the same objective exhaustively.
    """
    matrix, names = check_matrix(affinity, tasks, symmetric=False)
    count = len(names)
    if budget < 1:
        raise ValueError(f"`budget` must be at least 1. Received: budget={budget}.")
    if count > _MOST_TASKS:
        raise ValueError(
            f"Group selection is meant for up to {_MOST_TASKS} tasks. Received: {count}. "
            "Use `group_tasks`."
        )
    groups = list(
        chain.from_iterable(combinations(range(count), size) for size in range(1, count + 1))
    )
    serve = [(task, number) for number, group in enumerate(groups) for task in group]
    scores = [_score(matrix, task, groups[number], alone) for task, number in serve]
    chosen = _solve(scores, serve, count, len(groups), budget)
    return [[names[place] for place in groups[number]] for number in chosen]


def _score(matrix: Any, task: int, group: tuple[int, ...], alone: float) -> float:
    others = [other for other in group if other != task]
    return float(matrix[others, task].mean()) if others else alone


def _solve(
    scores: list[float], serve: list[tuple[int, int]], tasks: int, groups: int, budget: int
) -> list[int]:
    """Variables: which group serves which task, then which groups are chosen."""
    optimize, sparse = require("scipy.optimize", "scd"), require("scipy.sparse", "scd")
    pairs = len(serve)
    rows = np.arange(pairs)
    task_of, group_of = np.array(serve).T
    one = np.ones(pairs)
    served = sparse.csr_array((one, (task_of, rows)), shape=(tasks, pairs + groups))
    opened = sparse.csr_array(
        (np.r_[one, -one], (np.r_[rows, rows], np.r_[rows, pairs + group_of])),
        shape=(pairs, pairs + groups),
    )
    number = sparse.csr_array(np.r_[np.zeros(pairs), np.ones(groups)][None])
    result = optimize.milp(
        np.r_[-np.array(scores), np.zeros(groups)],
        integrality=np.ones(pairs + groups),
        bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(served, 1, 1),
            optimize.LinearConstraint(opened, -np.inf, 0),
            optimize.LinearConstraint(number, 1, budget),
        ],
    )
    used = result.x[:pairs] > 0.5
    return sorted(set(group_of[used].tolist()))
