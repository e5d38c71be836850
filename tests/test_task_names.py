"""Tasks may be called anything: spaces, slashes and dots, in every architecture and its files."""

import keras
import numpy as np
import pytest
from forward import answers, weights_of_numpy
from keras import layers

import keras_mtkd as mtkd
from keras_mtkd import models
from keras_mtkd.teachers.train import teacher_folders

# "x/y" and "x y" differ only in what names of layers cannot have.
TASKS = ("left digit", "a/b", "x.y", "x/y", "_größe", "x y")
PICTURE = (32, 32, 3)
SLIM = (2, 2)


def backbone():
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dense(4, "relu", name="features")(inputs))


def network():
    inputs = keras.Input(PICTURE)
    return keras.Model(inputs, layers.Conv2D(2, 3, 4, padding="same", name="map")(inputs))


def heads():
    return {task: layers.Dense(1) for task in TASKS}


def expert():
    return layers.Dense(3)


CHANNELS = dict.fromkeys(TASKS, 1)
# Of every architecture one tap that all tasks share, or the one of the task "a/b".
VECTORS = {
    "features": lambda: models.hard_sharing(backbone(), heads()),
    "mixture_a_b": lambda: models.mmoe(backbone(), heads(), expert, experts=2),
    "level2_a_b": lambda: models.ple(backbone(), heads(), [expert, expert], shared_experts=1),
    "stage1_a_b": lambda: models.cross_stitch((6,), [expert], heads()),
}
PICTURES = {
    "decoder": lambda: models.segnet(PICTURE, CHANNELS, widths=SLIM),
    "decoder_a_b": lambda: models.mtan(PICTURE, {"a/b": 1, "a b": 1}, widths=SLIM),
    "pyramid_a_b": lambda: models.aspp(network(), CHANNELS, PICTURE[:2], width=2, rates=(2,)),
}


@pytest.fixture(scope="module", autouse=True)
def _weights_of_numpy():
    with weights_of_numpy():
        yield


@pytest.mark.parametrize("tap", VECTORS)
def test_a_distiller_is_fitted_saved_and_loaded(tap, tmp_path):
    student, teachers = VECTORS[tap](), dict.fromkeys(TASKS[:2], VECTORS[tap]())
    distiller = mtkd.MultiTaskDistiller(
        student, teachers, [mtkd.FeatureDistillation(tap), mtkd.LogitDistillation(name="answers")]
    )
    distiller.compile("sgd", loss=dict.fromkeys(TASKS, "mse"))
    x = np.random.default_rng(0).normal(size=(8, 6)).astype("float32")
    y = dict.fromkeys(TASKS, x[:, :1])
    # Whatever the architecture, validation names its losses alike.
    held_out = (x, y) if tap == "features" else None
    history = distiller.fit(x, y, validation_data=held_out, verbose=0).history
    distiller.save(tmp_path / "distiller.keras")
    loaded = keras.models.load_model(tmp_path / "distiller.keras")
    assert {f"{task}_loss" for task in TASKS} <= set(history)
    assert held_out is None or {f"val_{task}_loss" for task in TASKS} <= set(history)
    assert {f"{task}_distillation_loss" for task in teachers} <= set(history)
    assert loaded.task_names == list(TASKS)
    for ours, theirs in zip(distiller.weights, loaded.weights, strict=True):
        assert (ours.name, ours.trainable) == (theirs.name, theirs.trainable)
        np.testing.assert_array_equal(np.array(ours), np.array(theirs))


@pytest.mark.parametrize("tap", PICTURES)
def test_dense_students_can_be_made_and_tapped(tap):
    student = PICTURES[tap]()
    x = np.random.default_rng(0).uniform(size=(1, *PICTURE)).astype("float32")
    tapped = keras.Model(student.input, {"tap": student.get_layer(tap).output, **student.output})
    outputs = answers(tapped, x)
    assert set(outputs) == {"tap", *student.output}
    assert all(outputs[task].shape == (1, 32, 32, 1) for task in student.output)


def test_teachers_are_kept_in_folders_of_their_own(tmp_path):
    tasks = [*TASKS, "..", "/etc", "etc"]
    folders = teacher_folders(tmp_path, tasks)
    assert len(set(folders.values())) == len(tasks)
    assert {folder.resolve().parent for folder in folders.values()} == {tmp_path.resolve()}


def test_a_task_may_be_called_as_what_the_experts_share():
    tasks = {task: layers.Dense(1) for task in ("shared", "other")}
    model = models.ple(backbone(), tasks, [expert, expert])
    assert sorted(model.output) == ["other", "shared"]
    assert {"level1_shared", "level1_shared_", "level1_other"} <= {la.name for la in model.layers}
