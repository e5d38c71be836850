"""Backups of a model that somebody else trains: weights, epochs and the order of the data."""

import random
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_mtkd.callbacks import BackupAndRestore, backup_and_restore


def model(value=0.0, **of_fit):
    """A model of one weight."""
    made = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(
                1, use_bias=False, kernel_initializer=keras.initializers.Constant(value)
            ),
        ]
    )
    made.compile(keras.optimizers.SGD(0.1), loss="mse")
    for name, given in of_fit.items():
        setattr(made, name, given)
    return made


def backup(folder, trained, epochs=5, **arguments):
    callback = BackupAndRestore(folder, **arguments)
    callback.set_params({"epochs": epochs})
    callback.set_model(trained)
    return callback


@pytest.fixture
def begun(monkeypatch):
    """The epochs that `fit` was told to begin with."""
    told = []
    monkeypatch.setattr(
        backup_and_restore, "set_initial_epoch", lambda trained, epoch: told.append(epoch)
    )
    return told


def weight(trained):
    return np.array(trained.layers[0].kernel).item()


def train(callback, *values, first=0):
    """Epochs that set the weight."""
    for epoch, value in enumerate(values, start=first):
        callback.model.layers[0].kernel.assign([[value]])
        callback.model.optimizer.build(callback.model.trainable_variables)
        callback.on_epoch_end(epoch)


def files(folder):
    return sorted(path.name for path in (folder / "worker0").iterdir())


def test_the_last_two_epochs_are_kept_and_none_after_training(tmp_path):
    callback = backup(tmp_path, model())
    train(callback, 1.0, 2.0, 3.0)
    assert files(tmp_path) == [
        f"epoch-0000{epoch}.{suffix}" for epoch in (2, 3) for suffix in ("json", "weights.h5")
    ]
    callback.on_train_end()
    assert files(tmp_path) == []


def test_they_stay_if_asked(tmp_path):
    callback = backup(tmp_path, model(), delete=False)
    train(callback, 1.0)
    callback.on_train_end()
    assert files(tmp_path) == ["epoch-00001.json", "epoch-00001.weights.h5"]


def test_goes_on_after_the_last_epoch_that_was_saved(tmp_path, begun):
    train(backup(tmp_path, model()), 1.0, 2.0)
    again = model()
    backup(tmp_path, again).on_train_begin()
    assert weight(again) == 2.0
    assert begun == [2]
    assert again.optimizer.built


def test_weights_without_which_there_is_no_backup(tmp_path):
    train(backup(tmp_path, model()), 1.0, 2.0)
    (tmp_path / "worker0" / "epoch-00002.weights.h5").unlink()
    again = model()
    backup(tmp_path, again).on_train_begin()
    assert weight(again) == 1.0


def test_nothing_happens_where_nothing_was_saved(tmp_path, begun):
    fresh = model(7.0)
    backup(tmp_path, fresh).on_train_begin()
    assert (weight(fresh), begun) == (7.0, [])


def test_epochs_beyond_those_that_are_asked_for_are_left_out(tmp_path, begun):
    train(backup(tmp_path, model()), 1.0, 2.0, 3.0)
    again = model()
    backup(tmp_path, again, epochs=2).on_train_begin()
    assert (weight(again), begun) == (2.0, [2])


@pytest.fixture
def _own_random_numbers():
    python, numpy = random.getstate(), np.random.get_state()
    yield
    random.setstate(python)
    np.random.set_state(numpy)


@pytest.mark.usefixtures("_own_random_numbers")
def test_global_random_numbers_go_on(tmp_path):
    np.random.normal()  # Keeps a second number for the next call.
    train(backup(tmp_path, model()), 1.0)
    expected = random.random(), np.random.normal(), np.random.randint(1000)
    random.seed(5)
    np.random.seed(5)
    backup(tmp_path, model()).on_train_begin()
    assert (random.random(), np.random.normal(), np.random.randint(1000)) == expected


class Telling:
    """A data set that tells its epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def set_epoch(self, epoch):
        self.epoch = epoch


def of_fit(epoch, seed):
    return {"fit_data": Telling(epoch), "fit_order": SimpleNamespace(seed=seed)}


def test_the_epoch_of_the_data_and_the_seed_of_the_order_go_on(tmp_path):
    train(backup(tmp_path, model(**of_fit(4, 11))), 1.0)
    again = model(**of_fit(0, 22))
    backup(tmp_path, again).on_train_begin()
    assert (again.fit_data.epoch, again.fit_order.seed) == (4, 11)


def test_data_and_order_that_tell_nothing_stay(tmp_path):
    train(backup(tmp_path, model()), 1.0)
    again = model(**of_fit(3, 22))
    backup(tmp_path, again).on_train_begin()
    assert (again.fit_data.epoch, again.fit_order.seed) == (3, 22)
