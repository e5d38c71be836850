"""What a sequential schedule remembers, as weights of the distiller.

Weights are what `.keras` files, checkpoints and `BackupAndRestore` keep, so a run that was killed
goes on with the same blocks, queue, stage and scale of losses.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_mtkd.scheduling.adaptive import Progress
from keras_mtkd.scheduling.queue import check_blocks

_UNSET = -1


class ScheduleState(keras.layers.Layer):
    """Blocks, queue, complexities, teachers' losses and stages of tasks; no computation.

    Args:
        tasks: Names of the tasks.
        name: Name of the layer.

    Attributes:
        similarity: What `SimilarityGrouping` measured, a row for every task with a teacher. Not
            kept in files: the blocks that were made from it are.
    """

    similarity: np.ndarray | None = None

    def __init__(self, tasks: Sequence[str], name: str = "schedule") -> None:
        super().__init__(name=name, trainable=False, dtype="float32")
        self.tasks = list(tasks)
        self._block = self._integers("block")
        self._place = self._integers("place")
        self._start = self._integers("start")
        self._complexity = self._floats("complexity", len(self.tasks))
        self._progress = self._floats("progress", 3)
        self._teacher_losses = self._floats("teacher_losses", len(self.tasks))
        self.built = True

    def _floats(self, name: str, count: int) -> keras.Variable:
        unset = keras.initializers.Constant(_UNSET)
        return self.add_weight(shape=(count,), initializer=unset, trainable=False, name=name)

    def _integers(self, name: str) -> keras.Variable:
        unset = keras.initializers.Constant(_UNSET)
        shape = (len(self.tasks),)
        return self.add_weight(
            shape=shape, initializer=unset, trainable=False, dtype="int32", name=name
        )

    @property
    def blocks(self) -> list[list[str]] | None:
        """Blocks of similar tasks, or `None` before they were made."""
        return self._read(self._block)

    @blocks.setter
    def blocks(self, blocks: Sequence[Sequence[str]]) -> None:
        self._write(self._block, blocks)

    @property
    def queue(self) -> list[list[str]] | None:
        """Blocks in the order in which they are distilled, or `None` before it was made."""
        return self._read(self._place)

    @queue.setter
    def queue(self, queue: Sequence[Sequence[str]]) -> None:
        self._write(self._place, queue)

    @property
    def starts(self) -> list[int]:
        """First epochs of the stages that have started so far, for adaptive stages."""
        return [int(value) for value in np.asarray(self._start) if value != _UNSET]

    @starts.setter
    def starts(self, starts: Sequence[int]) -> None:
        values = np.full(len(self.tasks), _UNSET, "int32")
        values[: len(starts)] = starts
        self._start.assign(values)

    @property
    def complexity(self) -> dict[str, float] | None:
        """`{task: complexity}` of the tasks that were measured, or `None` before."""
        return self._measured(self._complexity)

    @complexity.setter
    def complexity(self, complexity: Mapping[str, float]) -> None:
        self._complexity.assign([complexity.get(task, _UNSET) for task in self.tasks])

    @property
    def teacher_losses(self) -> dict[str, float] | None:
        """`{task: loss}` of the teachers' that were measured, or `None` before."""
        return self._measured(self._teacher_losses)

    @teacher_losses.setter
    def teacher_losses(self, losses: Mapping[str, float]) -> None:
        self._teacher_losses.assign([losses.get(task, _UNSET) for task in self.tasks])

    @property
    def progress(self) -> Progress:
        """How the current adaptive stage is going."""
        best, waited, started = np.asarray(self._progress).tolist()
        return Progress(best, int(waited), int(started))

    @progress.setter
    def progress(self, progress: Progress) -> None:
        self._progress.assign([progress.best, progress.waited, progress.started])

    def load_own_variables(self, store: Any) -> None:
        """Files of before teachers' losses were kept lack them; they are then measured anew."""
        kept = {name: store[name] for name in store.keys()}  # noqa: SIM118 - no plain dict
        last = str(len(self.variables) - 1)
        super().load_own_variables({last: np.full(len(self.tasks), _UNSET), **kept})

    def _measured(self, variable: keras.Variable) -> dict[str, float] | None:
        values = zip(self.tasks, np.asarray(variable).tolist(), strict=True)
        return {task: value for task, value in values if value != _UNSET} or None

    # A task's code holds its block's number and its place in the block, so that both orders
    # come back.

    def _write(self, variable: keras.Variable, blocks: Sequence[Sequence[str]]) -> None:
        check_blocks(blocks)
        codes = {
            task: number * len(self.tasks) + place
            for number, block in enumerate(blocks)
            for place, task in enumerate(block)
        }
        for task in codes:
            if task not in self.tasks:
                raise ValueError(
                    f"'{task}' in blocks or queue is not a task. The tasks: {self.tasks}."
                )
        variable.assign(np.array([codes.get(task, _UNSET) for task in self.tasks], "int32"))

    def _read(self, variable: keras.Variable) -> list[list[str]] | None:
        codes = zip(np.asarray(variable).tolist(), self.tasks, strict=True)
        blocks: dict[int, list[str]] = {}
        for code, task in sorted(pair for pair in codes if pair[0] != _UNSET):
            blocks.setdefault(code // len(self.tasks), []).append(task)
        return list(blocks.values()) or None
