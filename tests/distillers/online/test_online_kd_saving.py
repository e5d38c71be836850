import contextlib
import shutil

import keras
import numpy as np
import pytest
from helpers import equal_weights, snapshot, toy_data, toy_losses, toy_model

import keras_mtkd as mtkd
from distillers.online.toy import compiled, fit, online


def make(warmup=1):
    keras.utils.set_random_seed(2)
    inputs = keras.Input((6,))
    x = keras.layers.BatchNormalization()(keras.layers.Dense(5, name="features")(inputs))
    single = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Dropout(0.3, seed=1)(x)))
    singles = {"a": single, "b": toy_model(("b",), 5)}
    return compiled(
        online(toy_model(batch_norm=True), singles, warmup=warmup, temperature=0.5, clip=3.0),
        adaptor_optimizer=keras.optimizers.Adam(3e-2),
        singles_optimizer=keras.optimizers.SGD(0.05, momentum=0.9),
        metrics={"a": ["accuracy"], "b": [keras.metrics.MeanAbsoluteError(name="mae")]},
    )


@pytest.mark.parametrize("epochs", [1, 3])
def test_training_goes_on_after_loading_as_if_nothing_had_happened(epochs, tmp_path):
    model = make(warmup=2)
    fit(model, epochs)
    model.save(tmp_path / "online.keras")
    loaded = keras.saving.load_model(tmp_path / "online.keras")
    assert equal_weights(snapshot(model), snapshot(loaded))
    for name in ("distillation", "warmup", "temperature", "clip", "name"):
        assert loaded.get_config()[name] == model.get_config()[name]
    expected, history = fit(model, 2), fit(loaded, 2)
    assert history.keys() == expected.keys()
    for name, values in expected.items():
        assert history[name] == pytest.approx(values, rel=1e-5), name
    for one, other in zip(snapshot(model), snapshot(loaded), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_weights_alone_can_be_saved_and_loaded(tmp_path):
    model, other = make(), make()
    fit(model, 2)
    model.save_weights(tmp_path / "online.weights.h5")
    other.load_weights(tmp_path / "online.weights.h5")
    assert equal_weights(snapshot(model), snapshot(other))
    expected, history = fit(model), fit(other)
    assert history["loss"] == pytest.approx(expected["loss"], rel=1e-5)


def test_the_student_alone_is_a_plain_keras_model(tmp_path):
    model = make()
    fit(model, 2)
    model.student.save(tmp_path / "student.keras")
    loaded = keras.saving.load_model(tmp_path / "student.keras")
    assert type(loaded).__module__.startswith("keras.")
    x, _ = toy_data(1)
    for task, values in model.predict(x, verbose=0).items():
        np.testing.assert_allclose(loaded.predict(x, verbose=0)[task], values, rtol=1e-5)


class Stop(keras.callbacks.Callback):
    """Keeps what is in a folder when an epoch begins, and stops the run at the last of them."""

    def __init__(self, folder, at):
        super().__init__()
        self.folder, self.at = folder, at

    def on_epoch_begin(self, epoch, logs=None):
        if epoch in self.at:
            shutil.copytree(self.folder / "backup", self.folder / str(epoch))
        if epoch == max(self.at):
            raise RuntimeError("stopped")


def run(*callbacks):
    """The weights after 4 epochs of which 2 are warm-up, and the history unless it was stopped."""
    model = make(warmup=2)
    data = mtkd.datasets.ArrayDataset(*toy_data(), batch_size=24)
    history = None
    with contextlib.suppress(RuntimeError):
        history = model.fit(data, epochs=4, verbose=0, callbacks=list(callbacks)).history
    return snapshot(model), history


@pytest.fixture(scope="module")
def unbroken():
    return run()


STOPPED = (1, 3)


@pytest.fixture(
    scope="module",
    params=[mtkd.callbacks.BackupAndRestore, keras.callbacks.BackupAndRestore],
    ids=["ours", "keras"],
)
def stopped(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stopped")
    assert run(request.param(folder / "backup"), Stop(folder, STOPPED))[1] is None
    return request.param, folder


@pytest.mark.parametrize("at", STOPPED)
def test_a_run_that_was_stopped_goes_on(stopped, at, unbroken, tmp_path):
    (backup, folder), (weights, expected) = stopped, unbroken
    shutil.copytree(folder / str(at), tmp_path / "backup")
    resumed, history = run(backup(tmp_path / "backup"))
    assert len(history["loss"]) == 4 - at
    # Keras' own restores neither dropout nor the order of the data.
    if backup is mtkd.callbacks.BackupAndRestore:
        assert history["a_task_weight"] == pytest.approx(expected["a_task_weight"][at:], rel=1e-5)
        for one, other in zip(weights, resumed, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_model_that_was_not_compiled(tmp_path):
    online().save(tmp_path / "online.keras")
    loaded = keras.saving.load_model(tmp_path / "online.keras")
    assert not loaded.compiled
    loaded.compile("adam", loss=toy_losses())
    assert fit(loaded)["a_single_loss"][0] > 0
