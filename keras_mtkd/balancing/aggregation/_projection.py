"""Going through the tasks' gradients pair by pair, which PCGrad and GradVac share."""

from collections.abc import Callable

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.linalg.seeds import SeedOfStep

Visit = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From combinations `(tasks, tasks)`, the task that each now meets `(tasks,)` and their inner
product `(tasks,)` to what is added of that task's gradient `(tasks,)`."""


def visit_pairs(gram: Tensor, order: Tensor, visit: Visit) -> Tensor:
    """Let a copy of every gradient meet every other task's gradient, one after the other.

    Args:
        gram: `(tasks, tasks)`.
        order: The tasks that each task meets, in its row, `(tasks, tasks)`. Meeting itself
            changes nothing.
        visit: What a meeting adds.

    Returns:
        The changed gradients as combinations of the original ones, a row each, `(tasks, tasks)`.
    """
    tasks = gram.shape[0]
    combinations = ops.eye(tasks, dtype="float32")
    for turn in range(tasks):
        met = order[:, turn]
        products = gramian.dot(combinations, ops.take(gram, met, axis=0))
        others = ops.cast(met != ops.arange(tasks), "float32")
        added = others * visit(combinations, met, products)
        combinations += ops.one_hot(met, tasks, dtype="float32") * added[:, None]
    return combinations


def orders(tasks: int, seed: int | None, step: Tensor) -> Tensor:
    """Who meets whom when, `(tasks, tasks)`: in the order of tasks, or random with a seed."""
    if seed is None:
        return ops.tile(ops.arange(tasks, dtype="int32")[None, :], (tasks, 1))
    drawn = keras.random.uniform((tasks, tasks), seed=SeedOfStep(seed, step))
    return ops.cast(ops.argsort(drawn, axis=-1), "int32")
