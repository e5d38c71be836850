"""The student of the best epoch: alone in its file, whole, and never for a worse one."""

import zipfile
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.callbacks import BackupAndRestore, DeltaMTL, KeepBestStudent, keep_best_student


def student():
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])


def trained(steps=0, **more):
    """A model that is trained by somebody else."""
    optimizer = SimpleNamespace(iterations=steps)
    return SimpleNamespace(student=student(), optimizer=optimizer, metrics=[], **more)


def weight(model):
    return np.array(model.layers[-1].kernel).item()


def kept(folder):
    return weight(keras.models.load_model(folder / "student.keras"))


def begin(folder, monitor="val_loss", model=None, first=0, **arguments):
    callback = KeepBestStudent(folder / "student.keras", monitor, **arguments)
    return begin_again(callback, model or trained(), first)


def begin_again(callback, model, first=0):
    callback.set_model(model)
    callback.on_train_begin()
    callback.on_epoch_begin(first)
    return callback


def epochs(callback, *values, first=0):
    """Epochs whose student has the number of the epoch, counted from 1, for its weight."""
    for epoch, value in enumerate(values, start=first):
        callback.model.student.layers[-1].kernel.assign([[epoch + 1.0]])
        callback.on_epoch_end(epoch, {callback.monitor: value})


@pytest.mark.parametrize(
    ("monitor", "mode", "best"),
    [
        ("val_loss", "auto", 2),
        ("val_loss", "max", 3),
        ("val_delta_mtl", "auto", 3),
        ("val_kind_accuracy", "min", 2),
        ("val_mystery", "max", 3),
    ],
)
def test_the_best_epoch_is_kept(monitor, mode, best, tmp_path):
    callback = begin(tmp_path / "new" / "folder", monitor, mode=mode)
    epochs(callback, 0.5, -0.5, 1.5, 1.0)
    assert kept(tmp_path / "new" / "folder") == best
    assert (callback.best, callback.best_epoch) == ([0.5, -0.5, 1.5][best - 1], best - 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_better_nor_what_is_equal(bad, tmp_path):
    callback = begin(tmp_path)
    epochs(callback, bad)
    assert not list(tmp_path.iterdir())
    epochs(callback, 0.5, bad, 0.5, first=1)
    assert kept(tmp_path) == 2


def test_only_what_is_better_than_the_threshold(tmp_path):
    callback = begin(tmp_path, initial_value_threshold=0.3)
    epochs(callback, 0.4, 0.3)
    assert not list(tmp_path.iterdir())
    epochs(callback, 0.2, first=2)
    assert kept(tmp_path) == 3


def test_a_line_a_student_if_asked(tmp_path, capsys):
    callback = begin(tmp_path, verbose=1)
    epochs(callback, 0.5, 0.7, 0.25)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Epoch 1: val_loss is 0.5. The student is in '")
    assert second.startswith("Epoch 3: val_loss is 0.25, better than 0.5. ")


class TestGoingOn:
    def test_the_same_callback_in_a_second_fit(self, tmp_path):
        callback = begin(tmp_path)
        epochs(callback, 0.5)
        begin_again(callback, callback.model)
        epochs(callback, 0.7)
        assert kept(tmp_path) == 1
        with pytest.warns(UserWarning, match=r"file of an earlier training.*better than 0\.5"):
            callback.on_train_end()

    @pytest.mark.parametrize("goes_on", [{"first": 5}, {"model": trained(steps=8)}])
    def test_another_callback_has_to_beat_the_file(self, goes_on, tmp_path):
        epochs(begin(tmp_path), 0.5)
        callback = begin(tmp_path, **goes_on)
        assert (callback.best, callback.best_epoch) == (0.5, 0)
        epochs(callback, 0.6, first=5)
        assert kept(tmp_path) == 1
        epochs(callback, 0.4, first=6)
        assert kept(tmp_path) == 7

    def test_a_run_that_had_already_ended(self, tmp_path):
        epochs(begin(tmp_path), 0.5)
        callback = KeepBestStudent(tmp_path / "student.keras", restore_best_weights=True)
        callback.set_model(trained(steps=8))
        callback.on_train_begin()
        callback.on_train_end()
        assert (callback.best, callback.best_epoch) == (0.5, 0)
        assert weight(callback.model.student) == 1.0

    def test_a_new_model_replaces_it(self, tmp_path):
        epochs(begin(tmp_path), 0.5)
        epochs(begin(tmp_path), 0.6, first=3)
        assert kept(tmp_path) == 4

    def test_what_was_monitored_otherwise_or_saved_by_others_does_not_compare(self, tmp_path):
        epochs(begin(tmp_path), 0.5)
        callback = begin(tmp_path, "val_kind_loss", first=1)
        assert callback.best is None
        student().save(tmp_path / "student.keras")
        assert begin(tmp_path, first=1).best is None
        (tmp_path / "student.keras").write_text("no archive")
        assert begin(tmp_path, first=1).best is None

    def test_the_threshold_counts_where_the_file_is_worse(self, tmp_path):
        epochs(begin(tmp_path), 0.5)
        callback = begin(tmp_path, first=1, initial_value_threshold=0.3)
        assert (callback.best, callback.best_epoch) == (0.3, None)


class TestFiles:
    def test_a_full_disk_leaves_the_one_before(self, tmp_path, monkeypatch):
        callback = begin(tmp_path)
        epochs(callback, 0.5)

        def full(student, path, record):
            path.write_bytes(b"half of it")
            raise OSError("No space left on device")

        monkeypatch.setattr(keep_best_student, "_save", full)
        with pytest.raises(OSError, match="No space"):
            epochs(callback, 0.4, first=1)
        assert callback.best == 0.5
        assert [path.name for path in tmp_path.iterdir()] == ["student.keras"]
        assert kept(tmp_path) == 1

    def test_the_chief_writes(self, tmp_path, monkeypatch):
        monkeypatch.setattr(keep_best_student, "is_chief", lambda: False)
        callback = begin(tmp_path, verbose=1)
        epochs(callback, 0.5)
        assert callback.best == 0.5
        assert not list(tmp_path.iterdir())

    def test_best_weights_come_back_if_asked(self, tmp_path):
        for restore, found in ((True, 2.0), (False, 3.0)):
            callback = begin(tmp_path, restore_best_weights=restore)
            epochs(callback, 0.5, 0.4, 0.6)
            callback.on_train_end()
            assert weight(callback.model.student) == found


class TestRefusals:
    @pytest.mark.parametrize("path", ["student", "student.weights.h5", "s-{epoch:02d}.keras"])
    def test_files(self, path):
        with pytest.raises(ValueError, match=r"must end in '\.keras' and have no placeholders"):
            KeepBestStudent(path)

    def test_modes(self):
        with pytest.raises(ValueError, match="`mode` must be"):
            KeepBestStudent("student.keras", mode="up")

    def test_models_without_student(self, tmp_path):
        with pytest.raises(ValueError, match="saves `model.student`, and a Sequential has none"):
            begin(tmp_path, model=student())

    def test_a_direction_that_is_not_known(self, tmp_path):
        with pytest.raises(ValueError, match="more of 'val_mystery' is better. Pass `mode='max'`"):
            begin(tmp_path, "val_mystery")

    def test_an_entry_that_is_not_logged(self, tmp_path):
        callback = begin(tmp_path, "val_kind_acuracy", mode="max")
        with pytest.raises(ValueError, match="Did you mean 'val_kind_accuracy'?"):
            callback.on_epoch_end(0, {"val_kind_accuracy": 0.5, "loss": 1.0})

    def test_what_comes_later_in_the_list(self, tmp_path):
        callback = begin(tmp_path, "val_delta_mtl")
        with pytest.raises(ValueError, match="put that before `KeepBestStudent`"):
            callback.on_epoch_end(0, {"val_loss": 0.5})

    def test_several_values(self, tmp_path):
        callback = begin(tmp_path, "val_kind_f1")
        with pytest.raises(ValueError, match=r"several values, of shape \(3,\)"):
            callback.on_epoch_end(0, {"val_kind_f1": np.ones(3)})


class TestWords:
    """What is no error, but keeps no student."""

    def test_epochs_without_validation_are_passed_over(self, tmp_path):
        callback = begin(tmp_path, model=trained(fit_validation_data=(1, 2)))
        callback.on_epoch_end(0, {"loss": 0.5})
        epochs(callback, 0.5, first=1)
        assert kept(tmp_path) == 2

    def test_no_validation_data(self, tmp_path):
        callback = begin(tmp_path, model=trained(fit_validation_data=None))
        with pytest.warns(UserWarning, match="Pass `validation_data` to `fit`"):
            callback.on_epoch_end(0, {"loss": 0.5})
        callback.on_epoch_end(1, {"loss": 0.5})
        with pytest.warns(UserWarning, match="there is no file: no epoch had a 'val_loss'"):
            callback.on_train_end()

    @pytest.mark.parametrize("monitor", ["val_loss", "val_kind_loss"])
    def test_sums_with_other_weights_do_not_compare(self, monitor, tmp_path, recwarn):
        callback = begin(tmp_path, monitor, model=trained(task_weights=[0.0, 1.0]))
        epochs(callback, 0.5)
        callback.model.task_weights = [1.0, 1.0]
        epochs(callback, 0.6, 0.7, first=1)
        told = [str(each.message) for each in recwarn if each.category is UserWarning]
        assert len(told) == (monitor == "val_loss")
        assert all("`task_weights`, which have changed" in each for each in told)


def test_with_the_other_callbacks_of_a_distiller(tmp_path):
    keras.utils.set_random_seed(0)
    tasks = [mtkd.Task("a", None, "mse", ["accuracy"]), mtkd.Task("b", None, "mse", ["mae"])]
    data = toy_data(0, 16)

    def fit(until, **arguments):
        model = mtkd.MultiTaskDistiller(
            toy_model(batch_norm=True), toy_teachers(), [mtkd.LogitDistillation()]
        )
        metrics = {"a": ["accuracy"], "b": ["mae"]}
        model.compile("sgd", loss=toy_losses(), metrics=metrics, steps_per_execution=2)
        keep = KeepBestStudent(tmp_path / "student.keras", "val_delta_mtl", **arguments)
        own = [
            BackupAndRestore(tmp_path / "backup", delete=False),
            DeltaMTL(tasks, {"a": 0.3, "b": 0.5}),
            keep,
        ]
        given = {"validation_data": data, "batch_size": 4, "epochs": until, "verbose": 0}
        return model, keep, model.fit(*data, callbacks=own, **given).history["val_delta_mtl"]

    model, first, scores = fit(2)
    path = tmp_path / "student.keras"
    alone = keras.models.load_model(path)
    assert first.best == max(scores) and first.best_epoch == int(np.argmax(scores))
    with zipfile.ZipFile(path) as archive:
        assert "keras_mtkd" not in archive.read("config.json").decode()
    x, _ = data
    mae = np.abs(alone.predict(x, verbose=0)["b"] - data[1]["b"]).mean()
    accuracy = np.mean(alone.predict(x, verbose=0)["a"].argmax(-1) == data[1]["a"])
    wanted = 50 * ((accuracy - 0.3) / 0.3 + (0.5 - mae) / 0.5)
    assert np.isclose(first.best, wanted, rtol=1e-3)
    # Another process would make new objects of all, and go on with the third epoch.
    model, second, more = fit(3, restore_best_weights=True)
    assert len(more) == 1
    assert second.best == max(scores + more)
    found, best = model.student.get_weights(), keras.models.load_model(path).get_weights()
    assert all(map(np.array_equal, found, best))
