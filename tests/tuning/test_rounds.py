"""Trials that go on with others, as Hyperband's do; Keras Tuner itself is not asked."""

from types import SimpleNamespace

import keras
import pytest

from keras_mtkd.callbacks import BackupAndRestore
from keras_mtkd.tuning.rounds import continue_trial, longest_round


class Following(keras.callbacks.Callback):
    """As Keras Tuner's, by which it follows a trial."""

    def __init__(self, folder, number, values, max_epochs=None):
        super().__init__()
        oracle = SimpleNamespace() if max_epochs is None else SimpleNamespace(max_epochs=max_epochs)
        self.tuner = SimpleNamespace(get_trial_dir=lambda trial: folder / trial, oracle=oracle)
        parameters = SimpleNamespace(values=values)
        self.trial = SimpleNamespace(trial_id=number, hyperparameters=parameters)


def callbacks(*arguments, **options):
    return [keras.callbacks.Callback(), Following(*arguments, **options)]


def test_a_first_round_begins_with_an_empty_folder(tmp_path):
    left = tmp_path / "1" / "training" / "epoch-00001.weights.h5"
    left.parent.mkdir(parents=True)
    left.write_text("of a search that was interrupted")
    (backup,) = continue_trial(callbacks(tmp_path, "1", {"tuner/epochs": 2}))
    assert isinstance(backup, BackupAndRestore)
    assert (backup.directory, backup.delete) == (tmp_path / "1" / "training", False)
    assert not left.exists()


def test_a_later_round_begins_with_what_the_trial_before_kept(tmp_path):
    kept = tmp_path / "1" / "training" / "worker0" / "epoch-00002.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    values = {"tuner/epochs": 6, "tuner/trial_id": "1"}
    (backup,) = continue_trial(callbacks(tmp_path, "4", values))
    assert backup.directory == tmp_path / "4" / "training"
    assert (backup.directory / "worker0" / "epoch-00002.json").read_text() == "kept"
    assert kept.exists()


@pytest.mark.parametrize("found", [[], [keras.callbacks.Callback()]])
def test_training_that_no_tuner_follows(found):
    assert continue_trial(found) == []
    assert longest_round(found) == 0


def test_searches_of_one_round(tmp_path):
    found = callbacks(tmp_path, "1", {"learning_rate": 0.1})
    assert continue_trial(found) == []
    assert longest_round(found) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_longest_round_is_what_the_best_trials_get(tmp_path):
    assert longest_round(callbacks(tmp_path, "1", {"tuner/epochs": 2}, max_epochs=27)) == 27
