"""Grouping of similar tasks before training."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.distillation import Distillation
from keras_mtkd.layers.frozen_teacher import FrozenTeacher
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
            feature distillation of each task taps.
        threshold: As in `scheduling.group_tasks`.
        n_blocks: As in `scheduling.group_tasks`.
        data: Probe data; by default the first samples of the training data.
        samples: Size of the probe set.
        grid: Cells an axis to which maps are averaged.

    Attributes:
        similarity: `(tasks, tasks)` once measured.
        tasks: The tasks of its rows: those with a teacher.

    Raises:
        ValueError: When training starts, if there is no teacher, or no layer to compare of one.

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

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.model.blocks is None:
            self.check(self.model)

    # Not when training begins: `BackupAndRestore` may only then bring the blocks back.
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.model.blocks is not None:
            return
        layers = self.check(self.model)
        self.tasks = list(layers)
        self.similarity = task_similarity(
            self.model.teachers,
            self.model.fit_data if self.data is None else self.data,
            self.measure,
            layers,
            self.samples,
            self.grid,
        )
        self.model.schedule.similarity = self.similarity
        self.model.blocks = group_tasks(
            self.similarity, self.tasks, threshold=self.threshold, n_blocks=self.n_blocks
        )

    def check(self, distiller: Any) -> dict[str, str]:
        """The layer of every teacher that will be compared, without running any.

        Args:
            distiller: The `MultiTaskDistiller` to be trained.

        Returns:
            `{task: path}`.

        Raises:
            ValueError: If there is no teacher, or no layer to compare of one, naming its task.
        """
        teachers = distiller.teachers
        if not teachers:
            raise ValueError("`SimilarityGrouping` compares teachers, and there are none.")
        found = {task: self._layer_of(task, distiller.distillations) for task in teachers}
        missing = [task for task, path in found.items() if path is None]
        if missing:
            named = {task: path or "layer of its teacher" for task, path in found.items()}
            raise ValueError(
                "`SimilarityGrouping` compares an inner layer of every teacher. No distillation "
                f"taps one of the teachers of {missing}. Pass `SimilarityGrouping(layer={named})`, "
                "the paths of the layers to compare."
            )
        for task, path in found.items():
            try:
                FrozenTeacher(teachers[task], (str(path),), with_outputs=False)
            except ValueError as error:
                raise ValueError(
                    f"`SimilarityGrouping` compares the layer '{path}' of the teacher of '{task}': "
                    f"{error} Pass `SimilarityGrouping(layer={{task: path}})`, the paths of the "
                    "layers to compare."
                ) from error
        return {task: str(path) for task, path in found.items()}

    def _layer_of(self, task: str, ways: Sequence[Distillation]) -> str | None:
        """The path in a task's own teacher, as it was given or as a way of the task taps it."""
        if isinstance(self.layer, str):
            return self.layer
        if self.layer is not None:
            return self.layer.get(task)
        own = [way for way in ways if way.teacher is None and way.source is None]
        taps = [way.teacher_tap(task) for way in own if way.tasks is None or task in way.tasks]
        return next((tap for tap in taps if tap is not None), None)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            for number, block in enumerate(self.model.blocks):
                logs.update({f"{task}_block": number for task in block})
