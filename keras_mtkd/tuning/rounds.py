"""Rounds of Hyperband that go on where the one before ended."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras

from keras_mtkd.callbacks import BackupAndRestore

_FOLDER = "training"


def continued(callbacks: Iterable[Any]) -> list[keras.callbacks.Callback]:
    """The callback that keeps a trial of Hyperband, and takes up the trial that it continues.

    Keras Tuner loads the best epoch of that trial and counts on from its last. With a schedule
    the learning rate and the stages would then lag behind, so the last epoch is kept too: weights,
    adaptors, optimiser, schedule and the order of the data.

    Args:
        callbacks: Those that Keras Tuner passes to `HyperModel.fit`.

    Returns:
        One callback, to be the first; none in other searches.
    """
    found = [callback for callback in callbacks if hasattr(callback, "trial")]
    if not found or "tuner/epochs" not in found[0].trial.hyperparameters.values:
        return []
    tuner, trial = found[0].tuner, found[0].trial
    folder = Path(tuner.get_trial_dir(trial.trial_id)) / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    before = trial.hyperparameters.values.get("tuner/trial_id")
    if before is not None:
        shutil.copytree(Path(tuner.get_trial_dir(before)) / _FOLDER, folder)
    return [BackupAndRestore(folder, delete=False)]
