"""What a distiller does, in TensorBoard."""

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._storage.event_files import Events, by_part
from keras_mtkd.distribution.workers import is_chief
from keras_mtkd.plots import plot_schedule, plot_similarity


@mtkd_export("keras_mtkd.callbacks.TensorBoard")
class TensorBoard(keras.callbacks.Callback):
    """Writes losses, distances and weights by task, and pictures of similarity and queue.

    As `keras.callbacks.TensorBoard`, in the same folders `train` and `validation`, but

    * it needs the package tensorboard alone, on every backend; Keras' needs TensorFlow;
    * tags end with the task (`loss/left`, `distillation_loss/left`, and by tap
      `features_distillation_loss/left` where a task has several), so that tasks stand side by
      side; `task_weight/left` and `distillation_weight/left` are what the schedule sets;
    * `similarity` and `queue` are pictures, written when they are made or change, and the queue
      once more, with the weights of the whole run, at the end.

    Put it after callbacks that add to the logs. With several workers the chief writes.

    Args:
        log_dir: Where to write.
        pictures: Whether to draw similarity and queue, which needs matplotlib.

    Raises:
        ImportError: If tensorboard, or for pictures matplotlib, is not installed.
    """

    def __init__(self, log_dir: str | os.PathLike[str] = "logs", pictures: bool = True) -> None:
        super().__init__()
        require("tensorboard", "tensorboard")
        if pictures:
            require("matplotlib", "plots")
        self.log_dir, self.pictures = Path(log_dir), pictures
        self._files: dict[str, Events] = {}
        self._weights: dict[str, list[float]] = {}
        self._drawn: dict[str, Any] = {}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._weights, self._drawn = {}, {}

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not is_chief():
            return
        weights = self._current_weights()
        for name, value in weights.items():
            self._weights.setdefault(name, []).append(value)
        for part, values in by_part({**(logs or {}), **weights}, self.model.task_names).items():
            if values:
                self._events(part).scalars(epoch, values)
        if self.pictures:
            self._draw_similarity(epoch)
            self._draw_queue(epoch)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._drawn.pop("queue", None)
        if self._files and self.pictures:
            self._draw_queue(self.params["epochs"] - 1)
        for file in self._files.values():
            file.close()
        self._files = {}

    def _current_weights(self) -> dict[str, float]:
        """Weights of the task losses and of distillation, named as in logs."""
        found = {}
        for name in ("task_weight", "distillation_weight"):
            values = np.asarray(getattr(self.model, f"{name}s")).tolist()
            pairs = zip(self.model.task_names, values, strict=True)
            found.update({f"{task}_{name}": value for task, value in pairs})
        return found

    def _draw_similarity(self, epoch: int) -> None:
        similarity = self.model.schedule.similarity
        if similarity is not None and self._is_new("similarity", np.asarray(similarity).tolist()):
            tasks = list(self.model.teachers)
            axes = plot_similarity(similarity, tasks, self.model.blocks)
            self._events("train").picture(epoch, "similarity", axes.figure)

    def _draw_queue(self, epoch: int) -> None:
        queue = self.model.queue
        if queue is not None and self._is_new("queue", queue):
            axes = plot_schedule(queue, history=self._weights)
            self._events("train").picture(epoch, "queue", axes.figure)

    def _is_new(self, tag: str, value: Any) -> bool:
        if self._drawn.get(tag) == value:
            return False
        self._drawn[tag] = value
        return True

    def _events(self, part: str) -> Events:
        if part not in self._files:
            self._files[part] = Events.in_folder(self.log_dir / part)
        return self._files[part]
