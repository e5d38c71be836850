"""No analysis runs a model in training mode or moves a statistic of it."""

import tempfile

import keras
import numpy as np
import pytest
from helpers import snapshot

import keras_mtkd as mtkd
from keras_mtkd._data.content import sample_hashes
from keras_mtkd.distillers.scores import teacher_scores
from keras_mtkd.metrics.probe_losses import Constant, probe_losses

LAYERS = {
    "dropout": lambda: keras.layers.Dropout(0.5),
    "noise": lambda: keras.layers.GaussianNoise(1.0),
    "augmentation": lambda: keras.layers.RandomContrast(0.9),
}


def model(tasks=("a", "b"), noisy="dropout"):
    """Something random, and batch statistics behind it."""
    inputs = keras.Input((4, 4, 3))
    x = LAYERS[noisy]()(inputs)
    x = keras.layers.BatchNormalization()(keras.layers.Flatten()(x))
    x = keras.layers.Dense(5, name="features")(x)
    heads = {task: keras.layers.Dense(3)(keras.layers.Dropout(0.5)(x)) for task in tasks}
    return keras.Model(inputs, heads)


def data():
    generator = np.random.default_rng(0)
    y = np.arange(12) % 3
    return generator.normal(size=(12, 4, 4, 3)).astype("float32"), {"a": y, "b": y}


def loss():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def tasks():
    new = [mtkd.Task(t, lambda: keras.layers.Dense(3), loss(), ["accuracy"]) for t in ("a", "b")]
    return {task.name: task for task in new}


ANALYSES = {
    "rank_teachers": lambda m: mtkd.selection.rank_teachers({"m": m}, data(), task="a"),
    "teacher_cost": lambda m: mtkd.selection.teacher_cost(m, data(), task="a"),
    "uncertain_samples": lambda m: mtkd.selection.uncertain_samples(m, data()[0], ["a"]),
    "task_similarity": lambda m: mtkd.similarity.task_similarity({"a": m, "b": m}, data()),
    "gradient_similarity": lambda m: mtkd.similarity.gradient_similarity(
        m, {"a": loss(), "b": loss()}, data()
    ),
    "transference": lambda m: mtkd.similarity.transference(m, {"a": loss(), "b": loss()}, data()),
    "probe_losses": lambda m: list(probe_losses({"a": m}, {"a": loss()}, data(), 12).values()),
    "constant": lambda m: Constant(m, data(), 12).means["a"],
    "teacher_scores": lambda m: list(teacher_scores({"a": m, "b": m}, tasks(), data()).values()),
    "cache": lambda m: kept(m),
}


def kept(examined):
    """Predictions that a new cache has, in the order of the samples' hashes."""
    folder, ways = tempfile.mkdtemp(), [mtkd.LogitDistillation()]
    stored = mtkd.teachers.cache({"a": examined}, data(), folder, ways, verbose=0).store
    hashes = np.unique(sample_hashes(data()[0]))
    return next(iter(stored.read(hashes).values()))


@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize("noisy", ["dropout", "noise", "augmentation"])
def test_an_analysis_says_the_same_twice_and_changes_nothing(analysis, noisy):
    examined = model(("a",) if "teach" in analysis else ("a", "b"), noisy)
    before = snapshot(examined)
    flat = [np.asarray(values(ANALYSES[analysis](examined))) for _ in range(2)]
    np.testing.assert_array_equal(*flat)
    for one, other in zip(before, snapshot(examined), strict=True):
        np.testing.assert_array_equal(one, other)


def values(found):
    """Numbers of an analysis; a table also has how long it took."""
    return found["score"].to_numpy() if hasattr(found, "columns") else found
