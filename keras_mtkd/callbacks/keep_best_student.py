"""The student of the best epoch, in a file of its own."""

import json
import math
import os
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import unknown
from keras_mtkd._backend.warn import warn
from keras_mtkd._storage.files import write_atomically
from keras_mtkd.callbacks._monitored import more_is_better, of_validation
from keras_mtkd.callbacks.delta_mtl import DELTA_MTL
from keras_mtkd.distillers.online.online_kd import OnlineKD
from keras_mtkd.distribution.workers import is_chief

MODES = ("auto", "min", "max")
# They add the tasks up by their weights, which callbacks may change.
_SUMS = ("loss", "val_loss")


@mtkd_export("keras_mtkd.callbacks.KeepBestStudent")
class KeepBestStudent(keras.callbacks.Callback):
    """Saves the student alone whenever a score is better than ever before.

    The file is a plain Keras model: no teachers, adaptors, optimiser. It serves every model with a
    `student`: `MultiTaskModel`, `MultiTaskDistiller`, `OnlineKD`, `keras.distillation.Distiller`.

    * NaN and infinite scores are never better, equal ones neither. Epochs without validation are
      passed over where the score comes from it.
    * The file is replaced in one step, so that a kill or a full disk leaves the one before.
    * A model that goes on training, in a second `fit`, loaded from a file or after
      `BackupAndRestore`, has to beat the file that is there, which knows its score. A model that is
      new, or newly compiled, replaces it. A kill between the backup of an epoch and its comparison
      leaves that epoch out.
    * Of several workers the chief writes.

    Put it behind the callbacks that log what it monitors, as `DeltaMTL`. `loss` and `val_loss` are
    sums by `task_weights`, and epochs in which these differ do not compare: there is a warning.

    Args:
        filepath: Where to keep the student, `"....keras"`. Folders are made.
        monitor: Entry of the logs: `"val_loss"`, `"val_delta_mtl"`, `"val_{task}_{metric}"`.
        mode: `"max"` if more is better, `"min"` if less is, `"auto"` for what is known of the
            metric, by its class and name.
        initial_value_threshold: Only what is better is kept.
        restore_best_weights: Whether the student has the weights of the file when training has
            ended. Adaptors and optimisers stay as they are. Several workers need a common folder.
        verbose: 1 to print a line whenever a student is kept.

    Attributes:
        best: The score of the file, or the threshold; `None` before there is one.
        best_epoch: Its epoch, counted from 0; `None` before.

    Raises:
        ValueError: If the file is no `.keras` file or has a placeholder, or the mode is not known;
            when training begins, if the model has no student or it is not known what is better;
            after an epoch, if the logs lack what is monitored, or have several values of it.

    Examples:
        >>> keep = KeepBestStudent("student.keras", "val_depth_mae")
        >>> keep.best is None
        True

    Source: the arguments of `keras.callbacks.ModelCheckpoint`, which saves the whole model.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        mode: str = "auto",
        initial_value_threshold: float | None = None,
        restore_best_weights: bool = False,
        verbose: int = 0,
    ) -> None:
        super().__init__()
        check_choice("mode", mode, MODES)
        self.filepath = Path(filepath)
        if self.filepath.suffix != ".keras" or "{" in self.filepath.name:
            raise ValueError(
                f"`filepath` must end in '.keras' and have no placeholders. Received: "
                f"'{filepath}'. For a file an epoch use `keras.callbacks.ModelCheckpoint`."
            )
        self.monitor, self.mode, self.verbose = monitor, mode, verbose
        self.initial_value_threshold = initial_value_threshold
        self.restore_best_weights = restore_best_weights
        self.best: float | None = initial_value_threshold
        self.best_epoch: int | None = None
        self._more_is_better = mode == "max"
        self._begun = self._kept = False
        # What has been said, and the `task_weights` of the first epoch that was compared.
        self._told: set[str] = set()
        self._weights: list[float] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if not isinstance(getattr(self.model, "student", None), keras.Model):
            raise ValueError(
                f"`KeepBestStudent` saves `model.student`, and a {type(self.model).__name__} has "
                "none. Use `keras.callbacks.ModelCheckpoint(save_best_only=True)` for other models."
            )
        if self.mode == "auto":
            better = more_is_better(self.monitor, self.model)
            if better is None:
                raise ValueError(
                    f"It is not known whether more of '{self.monitor}' is better. "
                    "Pass `mode='max'` or `mode='min'`."
                )
            self._more_is_better = better
        self._begun = self._kept = False

    # Not when training begins: `BackupAndRestore` may only then bring the optimiser's steps back.
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._begun:
            self._begun = True
            self._take_up(goes_on=epoch > 0)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        value = self._monitored(logs or {})
        if value is None:
            return
        self._tell_of_weights()
        if not self.is_better(value):
            return
        if is_chief():
            record = {"monitor": self.monitor, "value": value, "epoch": epoch}
            write_atomically(self.filepath, lambda path: _save(self.model.student, path, record))
            if self.verbose:
                than = "" if self.best is None else f", better than {self.best:.5g}"
                print(
                    f"Epoch {epoch + 1}: {self.monitor} is {value:.5g}{than}. "
                    f"The student is in '{self.filepath}'."
                )
        self.best, self.best_epoch, self._kept = value, epoch, True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if not self._begun:  # A run that goes on where it had already ended has no epochs.
            self._take_up()
        elif not self._kept:
            there = "no file" if self.best_epoch is None else "the file of an earlier training"
            than = "finite" if self.best is None else f"better than {self.best:.5g}"
            self._tell(
                "nothing",
                f"No student was kept, and there is {there}: no epoch had a '{self.monitor}' that "
                f"was {than}.",
            )
        if self.restore_best_weights and self.best_epoch is not None:
            self.model.student.load_weights(self.filepath)

    def is_better(self, value: float) -> bool:
        """Whether a score is better than all before; one that is not finite never is."""
        if not math.isfinite(value) or self.best is None:
            return math.isfinite(value)
        return value > self.best if self._more_is_better else value < self.best

    def _monitored(self, logs: dict[str, Any]) -> float | None:
        """The score of an epoch, `None` if the epoch was not validated."""
        if self.monitor in logs:
            value = np.array(logs[self.monitor])
            if value.size != 1:
                raise ValueError(
                    f"'{self.monitor}' has several values, of shape {value.shape}. Monitor a "
                    "metric with one, such as `keras.metrics.F1Score(average='macro')`."
                )
            return float(value.item())
        if of_validation(self.monitor) and not any(map(of_validation, logs)):
            if getattr(self.model, "fit_validation_data", self) is None:
                self._tell(
                    "validation",
                    f"`KeepBestStudent` waits for an epoch with validation, which has "
                    f"'{self.monitor}'. Pass `validation_data` to `fit`.",
                )
            return None
        raise ValueError(
            f"{unknown('entry of the logs', self.monitor, sorted(logs))} "
            + (
                "`DeltaMTL(problem.tasks)` logs it: put that before `KeepBestStudent`."
                if self.monitor == DELTA_MTL
                else "What other callbacks log is seen if they come before `KeepBestStudent`."
            )
        )

    def _tell_of_weights(self) -> None:
        """A word if the sum of the losses is not what it was, so that epochs do not compare."""
        plain = isinstance(self.model, OnlineKD) and of_validation(self.monitor)
        if self.monitor not in _SUMS or plain or not hasattr(self.model, "task_weights"):
            return
        weights = np.asarray(self.model.task_weights).tolist()
        self._weights = self._weights or weights
        if weights != self._weights:
            self._tell(
                "weights",
                f"'{self.monitor}' adds the losses up by `task_weights`, which have changed: its "
                "epochs do not compare. Monitor 'val_delta_mtl' or the score of a task.",
            )

    def _tell(self, what: str, words: str) -> None:
        if what not in self._told:
            self._told.add(what)
            warn(words)

    def _take_up(self, goes_on: bool = False) -> None:
        """Compare with the file that an earlier training left, if the model has been trained."""
        goes_on = goes_on or int(np.asarray(self.model.optimizer.iterations)) > 0
        if not goes_on or self.best_epoch is not None:
            return
        record = _record(self.filepath)
        if record.get("monitor") == self.monitor and self.is_better(record["value"]):
            self.best, self.best_epoch = record["value"], record["epoch"]


def _save(student: keras.Model, path: Path, record: dict[str, Any]) -> None:
    student.save(path)
    # Archives have a comment, which Keras does not read: score and student are one file.
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = json.dumps(record).encode()


def _record(path: Path) -> dict[str, Any]:
    """What a student scored when it was saved; nothing of files that others wrote."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        try:
            return dict(json.loads(archive.comment or b"{}"))
        except ValueError:
            return {}
