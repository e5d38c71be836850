import sys

import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers
from test_events import read_folder, scalars

import keras_mtkd as mtkd


def fitted(callbacks, ways=("features",), epochs=2):
    distiller = mtkd.MultiTaskDistiller(
        toy_model(), toy_teachers(), [mtkd.FeatureDistillation(way) for way in ways]
    )
    distiller.compile("sgd", loss=toy_losses(), metrics={"a": ["accuracy"]})
    history = distiller.fit(
        *toy_data(), validation_data=toy_data(1), epochs=epochs, verbose=0, callbacks=callbacks
    )
    return distiller, history.history


def test_every_value_of_the_history_is_in_the_files(tmp_path):
    _, history = fitted([mtkd.callbacks.TensorBoard(tmp_path)], ways=("features", "hidden"))
    train, validation = read_folder(tmp_path / "train"), read_folder(tmp_path / "validation")
    for name, found, tag in (
        ("loss", train, "loss"),
        ("a_loss", train, "loss/a"),
        ("b_distillation_loss", train, "distillation_loss/b"),
        ("b_features_distillation_loss", train, "features_distillation_loss/b"),
        ("a_hidden_distillation_loss", train, "hidden_distillation_loss/a"),
        ("val_a_accuracy", validation, "accuracy/a"),
        ("val_b_loss", validation, "loss/b"),
    ):
        assert scalars(found, tag) == list(enumerate(history[name])), name
    weights = {"task_weight/a", "task_weight/b", "distillation_weight/a", "distillation_weight/b"}
    assert len(train) + len(validation) == len(history) + len(weights)
    assert scalars(train, "task_weight/a") == [(0, 1.0), (1, 1.0)]


def test_similarity_and_queue_are_pictures(tmp_path):
    scd = [
        mtkd.callbacks.SimilarityGrouping(n_blocks=2),
        mtkd.callbacks.SequentialDistillation(complexity="teacher"),
    ]
    distiller, history = fitted([*scd, mtkd.callbacks.TensorBoard(tmp_path)], epochs=3)
    train = read_folder(tmp_path / "train")
    assert [step for step, _ in train["similarity"]] == [0]
    assert [step for step, _ in train["queue"]] == [0, 2]
    for tag in ("similarity", "queue"):
        assert all(png.startswith(b"\x89PNG") for _, (_, _, png) in train[tag])
    first = distiller.queue[0][0]
    weights = history[f"{first}_distillation_weight"]
    assert scalars(train, f"distillation_weight/{first}") == list(enumerate(weights))
    np.testing.assert_array_equal(distiller.schedule.similarity, scd[0].similarity)


def test_pictures_can_be_left_out_and_folders_reused(tmp_path):
    board = mtkd.callbacks.TensorBoard(tmp_path, pictures=False)
    for _ in range(2):
        fitted([mtkd.callbacks.SimilarityGrouping(), board], epochs=1)
    files = list((tmp_path / "train").iterdir())
    assert len(files) == 2
    assert all(b"similarity" not in path.read_bytes() for path in files)


def test_workers_other_than_the_chief_write_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_mtkd.callbacks.tensorboard.is_chief", lambda: False)
    fitted([mtkd.callbacks.TensorBoard(tmp_path)], epochs=1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("module", ["tensorboard", "matplotlib"])
def test_a_missing_package_is_named(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"needs {module}.*pip install 'keras-mtkd\["):
        mtkd.callbacks.TensorBoard()


def test_no_tensorflow_is_imported_on_another_backend():
    import os
    import subprocess

    code = (
        "import sys, keras_mtkd as m, pathlib, tempfile\n"
        "from keras_mtkd._events import Events\n"
        "events = Events.in_folder(pathlib.Path(tempfile.mkdtemp()))\n"
        "events.scalars(0, {'a': 1.0}); events.parameters('a', {'b': 1}); events.close()\n"
        "assert 'tensorflow' not in sys.modules"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr[-800:]
