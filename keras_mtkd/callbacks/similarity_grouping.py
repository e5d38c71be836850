"""Grouping of similar tasks before training."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.scheduling import group_tasks
from keras_mtkd.similarity.task_similarity import task_similarity


@mtkd_export("keras_mtkd.callbacks.SimilarityGrouping")
class SimilarityGrouping(keras.callbacks.Callback):
    """Measures how alike the teachers are and puts similar tasks into blocks.

    Runs once, before the first epoch; a distiller that has blocks already, because it was
    loaded or restored, keeps them. The blocks are then `distiller.blocks`, and in History as
    `{task}_block`.

    Args:
        measure: As in `similarity.task_similarity`.
        layer: Path of the teachers' layer, or `{task: path}`; by default the one that the first
            feature distillation taps.
        threshold: As in `scheduling.group_tasks`.
        n_blocks: As in `scheduling.group_tasks`.
        data: Probe data; by default the first samples of the training data.
        samples: Size of the probe set.
        grid: Cells an axis to which maps are averaged.

    Attributes:
        similarity: `(tasks, tasks)` once measured.
        tasks: The tasks of its rows: those with a teacher.

    Raises:
        ValueError: When training starts, if there is no teacher or no layer to compare.

    Source: reconstructed; see `similarity.task_similarity` and `scheduling.group_tasks`.
    """

    def __init__(
        self,
        measure: str | Callable[[np.ndarray, np.ndarray], float] = "cka",
        layer: str | Mapping[str, str] | None = None,
        threshold: float | None = None,
        n_blocks: int | None = None,
        data: Any = None,
        samples: int = 512,
        grid: int = 4,
    ) -> None:
        super().__init__()
        self.measure, self.layer = measure, layer
        self.threshold, self.n_blocks = threshold, n_blocks
        self.data, self.samples, self.grid = data, samples, grid
        self.similarity: np.ndarray | None = None
        self.tasks: list[str] = []

    # Not when training begins: `BackupAndRestore` may only then bring the blocks back.
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.model.blocks is not None:
            return
        teachers = self.model.teachers
        if not teachers:
            raise ValueError("`SimilarityGrouping` compares teachers, and there are none.")
        self.tasks = list(teachers)
        self.similarity = task_similarity(
            teachers,
            self.model.fit_data if self.data is None else self.data,
            self.measure,
            self._layers(),
            self.samples,
            self.grid,
        )
        self.model.schedule.similarity = self.similarity
        self.model.blocks = group_tasks(
            self.similarity, self.tasks, threshold=self.threshold, n_blocks=self.n_blocks
        )

    def _layers(self) -> str | Mapping[str, str]:
        if self.layer is not None:
            return self.layer
        for way in self.model.distillations:
            taps = {task: way.teacher_tap(task) for task in self.model.teachers}
            if None not in taps.values():
                return taps
        raise ValueError(
            "No distillation taps an inner layer of the teachers. Pass "
            "`SimilarityGrouping(layer=...)`, the path of the layer to compare."
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            for number, block in enumerate(self.model.blocks):
                logs.update({f"{task}_block": number for task in block})
