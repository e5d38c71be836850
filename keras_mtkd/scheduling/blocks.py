"""From a similarity matrix to blocks of tasks."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import check_names
from keras_mtkd._backend.optional import require

_TOLERANCE = 1e-9


@mtkd_export("keras_mtkd.scheduling.group_tasks")
def group_tasks(
    similarity: Any,
    tasks: Sequence[str] | None = None,
    threshold: float | None = None,
    n_blocks: int | None = None,
) -> list[list[Any]]:
    """Put similar tasks into the same block.

    Average-linkage clustering of `1 - similarity`. Blocks are joined while their mean similarity
    is at least the threshold, by default one standard deviation above the mean similarity of all
    pairs. Where all pairs are equally similar, and so always with two tasks, the default rule
    sees no structure and gives one block.

    Args:
        similarity: Symmetric matrix `(T, T)`, larger is more alike.
        tasks: Names of the `T` tasks; by default their numbers. Ties are broken in the order of
            the names, so a permutation of the tasks never changes the blocks.
        threshold: Least mean similarity of two blocks that are joined.
        n_blocks: Number of blocks instead.

    Returns:
        Blocks of names, every task in one of them.

    Raises:
        TypeError: If `tasks` is one text.
        ValueError: If the matrix is not square, finite and symmetric, names do not match, both
            `threshold` and `n_blocks` are given, or `n_blocks` is out of range.
        ImportError: If SciPy is not installed.

    Examples:
        >>> group_tasks([[1.0, 0.9, 0.1], [0.9, 1.0, 0.2], [0.1, 0.2, 1.0]], ["a", "b", "c"])
        [['a', 'b'], ['c']]

    Source: reconstructed; the paper of sequential cooperative distillation (Feng et al., 2024)
    groups similar tasks into blocks, how is not in what could be read.
    """
    matrix, names = check_matrix(similarity, tasks)
    if threshold is not None and n_blocks is not None:
        raise ValueError("Pass `threshold` or `n_blocks`, not both.")
    count = len(names)
    if n_blocks is not None and not 1 <= n_blocks <= count:
        raise ValueError(f"`n_blocks` must be 1 to {count}. Received: n_blocks={n_blocks}.")
    if count == 1:
        return [list(names)]
    # In one order, whatever the caller's: linkage breaks ties by position.
    order = sorted(range(count), key=lambda place: names[place])
    labels = _cluster(matrix[np.ix_(order, order)], threshold, n_blocks)
    of_task = dict(zip((names[place] for place in order), labels, strict=True))
    blocks: dict[int, list[Any]] = {}
    for name in names:
        blocks.setdefault(of_task[name], []).append(name)
    return list(blocks.values())


def _cluster(matrix: Any, threshold: float | None, n_blocks: int | None) -> list[int]:
    hierarchy = require("scipy.cluster.hierarchy", "scd")
    distance = require("scipy.spatial.distance", "scd")
    # Any common shift of the distances leaves the tree alone; SciPy wants none below 0.
    top = float(matrix.max())
    gaps = top - matrix
    np.fill_diagonal(gaps, 0.0)
    tree = hierarchy.linkage(distance.squareform(gaps, checks=False), method="average")
    if n_blocks is not None:
        return list(hierarchy.cut_tree(tree, n_clusters=n_blocks)[:, 0])
    if threshold is None:
        pairs = matrix[~np.eye(len(matrix), dtype=bool)]
        threshold = float(pairs.mean() + pairs.std())
    return list(hierarchy.fcluster(tree, top - threshold + _TOLERANCE, criterion="distance"))


def check_matrix(matrix: Any, tasks: Sequence[str] | None, symmetric: bool = True) -> Any:
    """A task-by-task matrix as a float array, and the tasks' names.

    Raises:
        TypeError: If the names are one text.
        ValueError: If it is not square, finite and (if asked) symmetric, or names do not match.
    """
    check_names("tasks", tasks)
    values = np.asarray(matrix, "float64")
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not len(values):
        raise ValueError(f"Expected a matrix of shape (T, T). Received: shape {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError("The matrix has entries that are not finite.")
    if symmetric and not np.allclose(values, values.T, atol=1e-6):
        raise ValueError("The matrix must be symmetric. Use its mean with its transpose.")
    names = list(range(len(values))) if tasks is None else list(tasks)
    if len(names) != len(values) or len(set(names)) != len(names):
        raise ValueError(
            f"Expected {len(values)} different names, one a row. Received: tasks={names}."
        )
    return values, names
