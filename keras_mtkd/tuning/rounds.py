"""Rounds of Hyperband that go on where the one before ended."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras

from keras_mtkd.callbacks import BackupAndRestore

_FOLDER = "training"


def continue_trial(callbacks: Iterable[Any]) -> list[keras.callbacks.Callback]:
    """The callback that keeps a trial of Hyperband, and takes up the trial that it continues.

    Keras Tuner loads the best epoch of that trial and counts on from its last. With a schedule
    the learning rate and the stages would then lag behind, so the last epoch is kept too: weights,
    adaptors, optimiser, schedule and the order of the data.

    Args:
        callbacks: Those that Keras Tuner passes to `HyperModel.fit`.

    Returns:
        One callback, to be the first; none in other searches.
    """
    tuner, trial = search_of(callbacks)
    if trial is None or "tuner/epochs" not in trial.hyperparameters.values:
        return []
    folder = Path(tuner.get_trial_dir(trial.trial_id)) / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    before = trial.hyperparameters.values.get("tuner/trial_id")
    if before is not None:
        shutil.copytree(Path(tuner.get_trial_dir(before)) / _FOLDER, folder)
    return [BackupAndRestore(folder, delete=False)]


def longest_round(callbacks: Iterable[Any]) -> int:
    """Epochs to which Hyperband will train its best trials; 0 in other searches."""
    tuner, _ = search_of(callbacks)
    return int(getattr(getattr(tuner, "oracle", None), "max_epochs", 0))


def search_of(callbacks: Iterable[Any]) -> tuple[Any, Any]:
    """The tuner and the trial, from the callback by which Keras Tuner follows a trial."""
    for callback in callbacks:
        if hasattr(callback, "tuner") and hasattr(callback, "trial"):
            return callback.tuner, callback.trial
    return None, None
