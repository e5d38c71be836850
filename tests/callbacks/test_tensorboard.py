import os
import subprocess
import sys

import numpy as np
import pytest
from event_readers import read_folder, scalars
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd._storage.event_files import Events


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A distiller after training with SCD and two taps, its History, and the folder."""
    folder = tmp_path_factory.mktemp("logs")
    taps = [mtkd.FeatureDistillation(layer) for layer in ("features", "hidden")]
    distiller = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), taps)
    distiller.compile("sgd", loss=toy_losses(), metrics={"a": ["accuracy"]})
    callbacks = [
        mtkd.callbacks.SimilarityGrouping(n_blocks=2),
        mtkd.callbacks.SequentialDistillation(complexity="teacher"),
        mtkd.callbacks.TensorBoard(folder),
    ]
    validation = toy_data(1)
    history = distiller.fit(
        *toy_data(), validation_data=validation, epochs=3, batch_size=48, verbose=0,
        callbacks=callbacks,
    )  # fmt: skip
    return distiller, history.history, folder


def test_every_value_of_the_history_is_in_the_files(fitted):
    _, history, folder = fitted
    train, validation = read_folder(folder / "train"), read_folder(folder / "validation")
    for name, found, tag in (
        ("loss", train, "loss"),
        ("a_loss", train, "loss/a"),
        ("b_distillation_loss", train, "distillation_loss/b"),
        ("b_features_distillation_loss", train, "features_distillation_loss/b"),
        ("a_hidden_distillation_loss", train, "hidden_distillation_loss/a"),
        ("a_distillation_weight", train, "distillation_weight/a"),
        ("b_task_weight", train, "task_weight/b"),
        ("stage", train, "stage"),
        ("val_a_accuracy", validation, "accuracy/a"),
        ("val_b_loss", validation, "loss/b"),
    ):
        assert scalars(found, tag) == list(enumerate(history[name])), name
    pictures = {"similarity", "queue"}
    assert len(train) + len(validation) == len(history) + len(pictures)


def test_similarity_and_queue_are_pictures(fitted):
    distiller, _, folder = fitted
    train = read_folder(folder / "train")
    assert [step for step, _ in train["similarity"]] == [0]
    assert [step for step, _ in train["queue"]] == [0, 2]
    for tag in ("similarity", "queue"):
        assert all(png.startswith(b"\x89PNG") for _, (_, _, png) in train[tag])
    assert distiller.schedule.similarity.shape == (2, 2)


def test_without_pictures_weights_are_written_all_the_same(fitted, tmp_path):
    distiller, *_ = fitted
    board = mtkd.callbacks.TensorBoard(tmp_path, pictures=False)
    distiller.fit(*toy_data(), batch_size=48, verbose=0, callbacks=[board])
    found = read_folder(tmp_path / "train")
    assert scalars(found, "task_weight/a") == [(0, float(np.array(distiller.task_weights)[0]))]
    assert not {"similarity", "queue"} & set(found)
    distiller.fit(*toy_data(), batch_size=48, verbose=0, callbacks=[board])
    assert len(list((tmp_path / "train").iterdir())) == 2


def test_workers_other_than_the_chief_write_nothing(fitted, tmp_path, monkeypatch):
    monkeypatch.setattr("keras_mtkd.callbacks.tensorboard.is_chief", lambda: False)
    board = mtkd.callbacks.TensorBoard(tmp_path)
    fitted[0].fit(*toy_data(), batch_size=48, verbose=0, callbacks=[board])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("module", ["tensorboard", "matplotlib"])
def test_a_missing_package_is_named(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"needs {module}.*pip install .*'{module}>="):
        mtkd.callbacks.TensorBoard()


def test_files_are_written_without_tensorflow(monkeypatch, tmp_path):
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "tensorflow", None)
        events = Events.in_folder(tmp_path)
        events.scalars(0, {"a": 1.0})
        events.parameters("a", {"b": 1})
        events.close()
    assert scalars(read_folder(tmp_path), "a") == [(0, 1.0)]


@pytest.mark.slow
def test_no_tensorflow_is_imported_on_another_backend():
    code = (
        "import sys, keras_mtkd as m, pathlib, tempfile\n"
        "from keras_mtkd._storage.event_files import Events\n"
        "events = Events.in_folder(pathlib.Path(tempfile.mkdtemp()))\n"
        "events.scalars(0, {'a': 1.0}); events.parameters('a', {'b': 1}); events.close()\n"
        "assert 'tensorflow' not in sys.modules"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr[-800:]
