"""Going through the tasks' gradients pair by pair, which PCGrad and GradVac share."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_mtkd._types import Tensor
from keras_mtkd.balancing import _gram

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
        products = _gram.dot(combinations, ops.take(gram, met, axis=0))
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


class SeedOfStep(keras.random.SeedGenerator):
    """A seed that follows from a number and a step, where Keras wants something that counts."""

    def __init__(self, seed: int, step: Tensor) -> None:
        self.value = ops.stack([ops.full((), seed, "uint32"), ops.cast(step, "uint32")])

    def next(self, ordered: bool = True) -> Any:
        return self.value


def checked_seed(seed: int | None) -> int | None:
    """The seed, if it is one."""
    if seed is not None and not 0 <= seed < 2**32:
        raise ValueError(f"`seed` must be None or from 0 to 2**32 - 1. Received: seed={seed}.")
    return seed
