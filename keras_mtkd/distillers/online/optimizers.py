"""The optimisers of student, adaptors, σ and single-task networks, as one that Keras steps."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from keras_mtkd._backend.types import Tensor

Group = tuple[keras.optimizers.Optimizer, Iterable[keras.Variable]]


class OnlineOptimizer(keras.optimizers.MultiOptimizer):
    """Leaves all but the single-task networks as they are while `warming`.

    Zero gradients would not do: weight decay, momenta, schedules and step counts would go on.

    Args:
        singles: An optimiser for each single-task network, with the variables that are its own.
        parts: Likewise for parts of what teaches the student.
        student: For all other variables.

    Attributes:
        warming: Whether only single-task networks are trained. Compiled into the step.
    """

    def __init__(
        self, singles: Iterable[Group], parts: Iterable[Group], student: keras.optimizers.Optimizer
    ) -> None:
        singles = list(singles)
        groups = [*singles, *parts]
        theirs = {id(variable): own for own, variables in groups for variable in variables}
        super().__init__(lambda variable: theirs.get(id(variable), student))
        self.warming = False
        self._of_singles = {id(own) for own, _ in singles}

    def apply(
        self, grads: Iterable[Tensor], trainable_variables: Iterable[keras.Variable] | None = None
    ) -> None:
        given = self._trainable_variables if trainable_variables is None else trainable_variables
        groups: dict[int, list[tuple[Tensor, keras.Variable]]] = {}
        for pair in zip(grads, given, strict=True):
            groups.setdefault(self._var_to_optimizer_idx[self._var_key(pair[1])], []).append(pair)
        for place, pairs in groups.items():
            own = self.optimizers[place]
            if not self.warming or id(own) in self._of_singles:
                own.apply(*map(list, zip(*pairs, strict=True)))
        self._iterations.assign_add(1)


def one_each(optimizer: Any, tasks: Iterable[str]) -> dict[str, keras.optimizers.Optimizer]:
    """An optimiser of its own for every task.

    Args:
        optimizer: One to copy for every task, or `{task: optimizer}`.
        tasks: The tasks.

    Raises:
        ValueError: If a task has none.
    """
    if isinstance(optimizer, Mapping) and "class_name" not in optimizer:
        for task in tasks:
            if optimizer.get(task) is None:
                raise ValueError(
                    f"The single-task network of '{task}' has no optimiser. Pass one to copy for "
                    f"all of them, or one a task. Received optimisers for: {sorted(optimizer)}."
                )
        return {task: keras.optimizers.get(optimizer[task]) for task in tasks}
    first = keras.optimizers.get(optimizer)
    return {task: type(first).from_config(first.get_config()) for task in tasks}
