"""The objectives that are balanced: task losses, distances to the teachers, or sums of both."""

from collections.abc import Sequence
from dataclasses import dataclass

from keras import ops

from keras_mtkd._backend.types import Tensor


@dataclass(frozen=True)
class Objectives:
    """Which terms of the objective are balanced against which.

    Args:
        tasks: The tasks, in the order of the student.
        taught: Those that a teacher teaches, in the same order.
        kind: `"tasks"`, `"losses"`, `"all"` or `"hierarchical"`, see `Balancing`.
    """

    tasks: tuple[str, ...]
    taught: tuple[str, ...]
    kind: str

    @property
    def separate(self) -> bool:
        """Whether distances are objectives of their own."""
        return self.kind in ("all", "hierarchical")

    @property
    def names(self) -> list[str]:
        """Names of the objectives: tasks, then `"{task}_distillation"`."""
        distances = [f"{task}_distillation" for task in self.taught] if self.separate else []
        return [*self.tasks, *distances]

    @property
    def groups(self) -> list[list[int]] | None:
        """Numbers of the objectives that are balanced among themselves first."""
        count = len(self.tasks)
        if self.kind != "hierarchical" or not self.taught:
            return None
        return [list(range(count)), list(range(count, len(self.names)))]

    def place_of_distance(self, task: str) -> int | None:
        """The number of the objective that a task's distances belong to; `None` for none."""
        if self.kind == "losses":
            return None
        if self.separate:
            return len(self.tasks) + self.taught.index(task)
        return self.tasks.index(task)

    def values(
        self, losses: Sequence[Tensor], distances: dict[str, Tensor]
    ) -> tuple[Tensor, Tensor | float]:
        """The objectives' values, and the sum of what is not balanced.

        Args:
            losses: Weighted loss of every task.
            distances: Weighted distances of the tasks that are taught.

        Returns:
            `(objectives,)`, and a scalar, the number 0.0 if everything is balanced.
        """
        values = [*losses, *([0.0] * (len(self.names) - len(self.tasks)))]
        plain: Tensor | float = 0.0
        for task, distance in distances.items():
            place = self.place_of_distance(task)
            if place is None:
                plain += distance
            else:
                values[place] += distance
        return ops.stack(values), plain
