"""Fingerprints stand for what models and losses are, and for nothing else."""

import random

import keras
import numpy as np
import pytest
from helpers import toy_model
from keras import layers, losses, ops

from keras_mtkd import losses as own
from keras_mtkd._graph.modes import forget_defaults
from keras_mtkd._storage.fingerprint import (
    architecture,
    digest,
    draw_seeds_alike,
    objective,
    of_model,
)


def chain(*parts, shape=(6,)):
    x = inputs = keras.Input(shape)
    for part in parts:
        x = part(x)
    return keras.Model(inputs, x)


def graph(build, outputs=lambda x: x):
    inputs = keras.Input((6,))
    return keras.Model(inputs, outputs(build(inputs)))


def twice(same):
    dense = layers.Dense(6)
    return chain(dense, dense if same else layers.Dense(6))


def residual(skipped):
    inputs = keras.Input((6,))
    one = layers.Dense(6)(inputs)
    other = layers.Dense(6)(one)
    return keras.Model(inputs, other + (one if skipped else other))


def frozen():
    model = chain(layers.Dense(3))
    model.layers[1].trainable = False
    return model


def scaled(factor, name=None):
    @keras.saving.register_keras_serializable("test_fingerprint", "Scaled")
    class Scaled(layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x, training=True):
            return self.factor * x

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    return Scaled(factor, name=name)


MODELS = {
    "units": lambda: chain(layers.Dense(3)),
    "more units": lambda: chain(layers.Dense(4)),
    "other input": lambda: chain(layers.Dense(3), shape=(7,)),
    "activation": lambda: chain(layers.Dense(3, "relu", name="relu")),
    "other activation": lambda: chain(layers.Dense(3, "tanh", name="tanh")),
    "no bias": lambda: chain(layers.Dense(3, use_bias=False)),
    "start": lambda: chain(layers.Dense(3, kernel_initializer="he_normal")),
    "regularised": lambda: chain(layers.Dense(3, kernel_regularizer="l2")),
    "regularised otherwise": lambda: chain(layers.Dense(3, bias_regularizer="l2")),
    "strength": lambda: chain(layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.3))),
    "frozen": frozen,
    "half precision": lambda: chain(layers.Dense(3, dtype="mixed_float16")),
    "rate": lambda: chain(layers.Dropout(0.1)),
    "other rate": lambda: chain(layers.Dropout(0.2)),
    "always random": lambda: graph(lambda x: layers.Dropout(0.1)(x, training=True)),
    "statistics": lambda: chain(layers.BatchNormalization()),
    "old statistics": lambda: graph(lambda x: layers.BatchNormalization()(x, training=False)),
    "no scale": lambda: chain(layers.BatchNormalization(scale=False)),
    "two layers": lambda: twice(same=False),
    "one layer twice": lambda: twice(same=True),
    "skip": lambda: residual(skipped=True),
    "no skip": lambda: residual(skipped=False),
    "order": lambda: chain(layers.Dropout(0.1), layers.BatchNormalization()),
    "other order": lambda: chain(layers.BatchNormalization(), layers.Dropout(0.1)),
    "sum": lambda: graph(lambda x: x + 1.0),
    "other sum": lambda: graph(lambda x: x + 2.0),
    "difference": lambda: graph(lambda x: x - 1.0),
    "mean": lambda: graph(lambda x: ops.mean(x, axis=1)),
    "kept axis": lambda: graph(lambda x: ops.mean(x, axis=1, keepdims=True)),
    "slice": lambda: graph(lambda x: x[:, :3]),
    "other slice": lambda: graph(lambda x: x[:, 3:]),
    "output": lambda: graph(layers.Dense(3), lambda x: {"a": x}),
    "other output": lambda: graph(layers.Dense(3), lambda x: {"b": x}),
    "within": lambda: chain(chain(layers.Dense(3))),
    "sequential": lambda: keras.Sequential([keras.Input((6,)), layers.Dense(3)]),
    "own": lambda: chain(scaled(1.0)),
    "own, otherwise": lambda: chain(scaled(2.0)),
    "own, called otherwise": lambda: graph(lambda x: scaled(1.0)(x, training=False)),
}
LOSSES = {
    "squares": losses.MeanSquaredError(),
    "distances": losses.MeanAbsoluteError(),
    "summed": losses.MeanSquaredError(reduction="sum"),
    "classes": losses.SparseCategoricalCrossentropy(),
    "logits": losses.SparseCategoricalCrossentropy(from_logits=True),
    "ignored": losses.SparseCategoricalCrossentropy(ignore_class=0),
    "one-hot": losses.CategoricalCrossentropy(),
    "smoothed": losses.CategoricalCrossentropy(label_smoothing=0.1),
    "huber": losses.Huber(),
    "wide huber": losses.Huber(2.0),
    "cosine": losses.CosineSimilarity(),
    "columns": losses.CosineSimilarity(axis=1),
    "by name": own.get("mse"),
    "other name": own.get("mae"),
    "temperature": own.LogitKL(1.0),
    "other temperature": own.LogitKL(2.0),
    "selected": own.SelectPositions(own.LogitKL(1.0)),
    "other within": own.SelectPositions(own.LogitKL(2.0)),
}


def told(model):
    return digest(architecture(model))


def test_a_change_of_a_model_changes_it():
    found = {name: told(make()) for name, make in MODELS.items()}
    names = {}
    for name, hashed in found.items():
        names.setdefault(hashed, []).append(name)
    assert [alike for alike in names.values() if len(alike) > 1] == []


def test_a_change_of_a_loss_changes_it():
    assert len({digest(objective(loss)) for loss in LOSSES.values()}) == len(LOSSES)


@pytest.mark.parametrize("name", ["two layers", "skip", "output", "within", "sequential", "own"])
def test_names_that_keras_gives_and_copies_change_nothing(name):
    first, second = MODELS[name](), MODELS[name]()
    assert told(first) == told(second) == told(keras.models.clone_model(first))


def test_names_of_users_change_nothing():
    one, other = (chain(layers.Dense(3, name=n), scaled(1.0, n + n)) for n in ("one", "relu"))
    assert told(one) == told(other)


def test_arguments_that_only_repeat_defaults_change_nothing():
    plain = graph(lambda x: scaled(1.0)(layers.Dropout(0.1)(x)))
    loud = graph(lambda x: scaled(1.0)(layers.Dropout(0.1)(x, training=False), training=True))
    assert told(loud) == told(plain)
    forget_defaults(loud)
    assert told(loud) == told(plain)
    assert objective(losses.Huber(1.0)) == objective(losses.Huber())
    named = losses.MeanSquaredError(reduction="sum_over_batch_size", name="another")
    assert objective(named) == objective(losses.MeanSquaredError())


def test_axes_may_be_counted_from_either_side():
    last, first = (chain(layers.LayerNormalization(axis=axis)) for axis in (-1, 1))
    assert told(last) == told(first)


@pytest.mark.parametrize("kind", ["layer", "loss"])
def test_registered_classes_may_move(kind, monkeypatch):
    thing = scaled(1.0) if kind == "layer" else own.LogitKL()
    tell = architecture if kind == "layer" else objective
    before = tell(thing)
    monkeypatch.setattr(type(thing), "__module__", "moved.elsewhere")
    assert tell(thing) == before


def test_seeds_that_keras_draws_are_drawn_alike():
    found, state = [], random.getstate()
    for _ in range(2):
        with draw_seeds_alike():
            found.append(told(chain(layers.RandomCrop(2, 2), shape=(4, 4, 1))))
    assert found[0] == found[1]
    assert random.getstate() == state


class TestOfModel:
    def test_weights_count(self):
        model = toy_model()
        before = of_model(model)
        kernel = np.array(model.layers[1].kernel)
        model.layers[1].kernel.assign(kernel + 1e-3)
        assert of_model(model) != before
        model.layers[1].kernel.assign(kernel)
        assert of_model(model) == before

    def test_random_numbers_and_files_do_not(self, tmp_path):
        model = chain(layers.Dense(3), layers.Dropout(0.3))
        before = of_model(model)
        model(np.ones((2, 6), "float32"), training=True)
        assert of_model(model) == before
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        assert of_model(loaded) == before
        forget_defaults(loaded)
        assert of_model(loaded) == before
