"""Training that goes on after a kill as if there had been none."""

import os
import random
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.keras_compat import set_initial_epoch
from keras_mtkd._storage import files
from keras_mtkd.distribution.multi_worker import has_workers
from keras_mtkd.distribution.workers import worker_count, worker_index

_PATTERN = re.compile(r"epoch-(\d+)\.weights\.h5")


@mtkd_export("keras_mtkd.callbacks.BackupAndRestore")
class BackupAndRestore(keras.callbacks.Callback):
    """Saves the state of training after every epoch, and goes on from it when started again.

    As `keras.callbacks.BackupAndRestore`, but

    * a kill at any moment leaves a whole backup: weights, optimiser, schedule and random numbers
      are one file, and the epoch is its name;
    * the order of the data goes on: the seed by which a distiller's `fit` shuffles, the epoch of
      data sets that tell theirs (`datasets.ArrayDataset`), and the states of Python's and NumPy's
      global random numbers, by which users shuffle;
    * several workers go on after the last epoch that all of them saved.

    A run that was killed ends with the weights of one that was not, bit for bit where operations
    are deterministic. Put it before all other callbacks. What other callbacks remember, such as the
    patience of `EarlyStopping`, is theirs to restore.

    Args:
        directory: Where to keep the backup: of this run alone.
        delete: Whether to delete it when training has ended.
    """

    def __init__(self, directory: str | os.PathLike[str], delete: bool = True) -> None:
        super().__init__()
        self.directory, self.delete = Path(directory), delete

    @property
    def folder(self) -> Path:
        """Where this worker's backups are."""
        return self.directory / f"worker{worker_index()}"

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        epoch = self._common_epoch()
        if epoch:
            if not self.model.optimizer.built:
                self.model.optimizer.build(self.model.trainable_variables)
            self.model.load_weights(self._path(epoch))
            set_initial_epoch(self.model, epoch)
            self._restore_order(files.read_json(self._path(epoch, "json")))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # The weights come last: without them there is no backup.
        files.write_json(self._path(epoch + 1, "json"), self._order())
        files.write_atomically(self._path(epoch + 1), self.model.save_weights)
        # The one before stays too: another worker may not have come as far.
        self._delete([old for old in self._saved() if old < epoch])

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self.delete:
            self._delete(self._saved())

    def _delete(self, epochs: list[int]) -> None:
        for epoch in epochs:
            self._path(epoch).unlink(missing_ok=True)
            self._path(epoch, "json").unlink(missing_ok=True)

    def _order(self) -> dict[str, Any]:
        """All that the order of the data depends on."""
        state: Any = np.random.get_state()
        kind, keys, *rest = state
        return {
            "python": random.getstate(),
            "numpy": [kind, keys.tolist(), *rest],
            "epoch": getattr(self._of_fit("data"), "epoch", None),
            "seed": getattr(self._of_fit("order"), "seed", None),
        }

    def _restore_order(self, order: dict[str, Any]) -> None:
        version, keys, gauss = order["python"]
        random.setstate((version, tuple(keys), gauss))
        np.random.set_state(tuple(order["numpy"]))
        if order["epoch"] is not None:
            self._of_fit("data").set_epoch(order["epoch"])
        # Backups of older releases have no seed.
        if order.get("seed") is not None and self._of_fit("order") is not None:
            self._of_fit("order").seed = order["seed"]

    def _of_fit(self, what: str) -> Any:
        """What a distiller tells while it is fitted; `None` for other models."""
        return getattr(self.model, f"fit_{what}", None)

    def _path(self, epoch: int, suffix: str = "weights.h5") -> Path:
        return self.folder / f"epoch-{epoch:05d}.{suffix}"

    def _saved(self) -> list[int]:
        """Epochs after which there is a backup, in order."""
        found = [_PATTERN.fullmatch(path.name) for path in self.folder.glob("epoch-*")]
        return sorted(int(match[1]) for match in found if match)

    def _common_epoch(self) -> int:
        """The last epoch that every worker has, 0 if there is none."""
        here = np.zeros(self.params["epochs"] + 1, "float32")
        here[[epoch for epoch in self._saved() if epoch < len(here)]] = 1.0
        count = 1
        if has_workers(self.model):
            strategy, count = self.model.distribute_strategy, worker_count()
            each = strategy.run(lambda: ops.convert_to_tensor(here))
            here = np.array(strategy.reduce("SUM", each, axis=None))
            count *= strategy.num_replicas_in_sync // count
        common = np.flatnonzero(here >= count)
        return int(common[-1]) if len(common) else 0
