"""Layers whose call in a graph names a mode: it counts for them alone, on every release of Keras.

The layers here add a power of 2 in training mode and 0 in inference, so that an output tells which
of them ran in which.
"""

import warnings

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd._backend.keras_compat import RELEASE, layers_within, seed_generators
from keras_mtkd._graph.modes import forget_defaults, mend
from keras_mtkd._graph.taps import TappedModel


class Follows(keras.layers.Layer):
    """Has no mode of its own, like batch normalisation."""

    def __init__(self, bit, **kwargs):
        super().__init__(**kwargs)
        self.bit = bit

    def call(self, x, training=None):
        return x + (2.0**self.bit if training else 0.0)


class Rests(Follows):
    """In inference by default, like dropout."""

    def call(self, x, training=False):
        return x + (2.0**self.bit if training else 0.0)


class Acts(Follows):
    """In training by default, like augmentation."""

    def call(self, x, training=True):
        return x + (2.0**self.bit if training else 0.0)


class Holds(keras.layers.Layer):
    """A block that passes no mode on by itself."""

    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x):
        return self.inner(x)


def inference_then(layer, kind=Follows):
    """A layer called in inference mode, then another that says nothing."""
    inputs = keras.Input((1,))
    x = kind(0, name="still")(inputs, training=False)
    return keras.Model(inputs, {"a": layer(x)})


def nested():
    """Two layers, the first one in inference, inside a model inside a model."""
    inner = keras.Input((1,))
    x = Follows(1, name="after")(Follows(0, name="still")(inner, training=False))
    backbone = keras.Model(inner, x, name="backbone")
    middle = keras.Input((1,))
    body = keras.Model(middle, Follows(2)(backbone(middle)), name="body")
    inputs = keras.Input((1,))
    return keras.Model(inputs, {"a": Follows(3)(body(inputs))})


def frozen_backbone(kind=keras.Model):
    """A backbone in inference mode under two branches; the second does not read it."""
    start, layers = keras.Input((1,)), [Follows(0, name="inside"), Rests(1)]
    if kind is keras.Sequential:
        backbone = keras.Sequential([start, *layers], name="backbone")
    else:
        backbone = keras.Model(start, layers[1](layers[0](start)), name="backbone")
    inputs = keras.Input((1,))
    x = backbone(inputs, training=False)
    return keras.Model(inputs, {"a": Follows(2)(Rests(3)(x)), "b": Rests(4)(inputs)})


def ran(model, training, task="a", paths=()):
    """Bits of the layers that ran in training mode."""
    tapped = model if isinstance(model, TappedModel) else TappedModel(model, paths)
    outputs, _ = tapped(np.zeros((1, 1), "float32"), training=training)
    number = int(np.asarray(outputs[task])[0, 0])
    return {bit for bit in range(8) if number >> bit & 1}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (lambda: inference_then(Follows(1)), {1}),
        (lambda: inference_then(Rests(1)), {1}),
        (lambda: inference_then(Holds(Follows(1))), {1}),
        (lambda: inference_then(Acts(1), kind=Acts), {1}),
        (nested, {1, 2, 3}),
        (frozen_backbone, {2, 3}),
        (lambda: frozen_backbone(keras.Sequential), {2, 3}),
    ],
    ids=["layer", "dropout", "block", "augmentation", "nested", "backbone", "sequential"],
)
def test_inference_in_a_graph_is_for_that_layer_alone(model, expected):
    made = model()
    assert ran(made, training=True) == expected
    assert ran(made, training=False) == set()


def test_other_branches_train():
    assert ran(frozen_backbone(), training=True, task="b") == {4}


@pytest.mark.parametrize("path", ["backbone", "backbone.inside"])
def test_taps_change_nothing(path):
    assert ran(frozen_backbone(), training=True, paths=[path]) == {2, 3}
    assert ran(frozen_backbone(), training=True, task="b", paths=[path]) == {4}


@pytest.mark.parametrize("kind", [Follows, Rests, Acts])
def test_training_in_a_graph_makes_no_layer_random_in_inference(kind):
    inputs = keras.Input((1,))
    x = kind(0)(inputs, training=True)
    model = keras.Model(inputs, {"a": Follows(1)(x)})
    assert ran(model, training=False) == set()
    assert ran(model, training=True) == {0, 1}


@pytest.mark.parametrize("kind", [Rests, Acts])
def test_defaults_that_a_file_repeats_say_nothing(kind):
    inputs = keras.Input((1,))
    default = kind is Acts
    x = kind(0, name="one")(inputs, training=default)
    model = keras.Model(inputs, {"a": Follows(1)(kind(2, name="two")(x, training=default))})
    before = TappedModel(model, ())
    assert ran(before, training=True) == {0, 1, 2}
    assert ran(before, training=False) == set()
    assert sorted(forget_defaults(model)) == ["one", "two"]
    assert forget_defaults(model) == []
    for graph in (before, model):
        assert ran(graph, training=True) == {0, 1, 2}
        assert ran(graph, training=False) == set()
    assert "training" not in str(model.get_config()["layers"])
    assert np.array_equal(model(np.zeros((1, 1)), training=True)["a"], [[7.0]])


def test_what_a_call_decides_is_not_forgotten():
    model = frozen_backbone()
    forget_defaults(model)
    assert ran(model, training=True) == {2, 3}


def test_a_warning_where_keras_obeys():
    model = inference_then(Follows(1), kind=Rests)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mend(model, "student")
        mend(model, "student")
        mend("no model", "student")
    assert len(caught) == (RELEASE >= (3, 16))
    assert all("student" in str(one.message) and "still" in str(one.message) for one in caught)


def pretrained(balancing=None):
    """A distiller of a student on a backbone called in inference mode, whose heads drop."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    start = keras.Input((8,))
    x = layers.Dropout(0.5)(layers.BatchNormalization(name="inside")(layers.Dense(8)(start)))
    backbone = keras.Model(start, x, name="backbone")
    inputs = keras.Input((8,))
    shared = layers.Dense(6, name="features")(backbone(inputs, training=False))
    heads = {}
    for task in ("a", "b"):
        x = layers.BatchNormalization(name=f"norm_{task}")(layers.Dense(6)(shared))
        heads[task] = layers.Dense(1)(layers.Dropout(0.5, name=f"drop_{task}")(x))
    student = keras.Model(inputs, heads)
    teacher = keras.Sequential([keras.Input((8,)), layers.Dense(6, name="features")])
    distiller = mtkd.MultiTaskDistiller(
        student,
        {"a": keras.Model(teacher.inputs, layers.Dense(1)(teacher.outputs[0]))},
        distillation=[mtkd.FeatureDistillation("features")],
        balancing=balancing,
    )
    distiller.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    return distiller


@pytest.mark.parametrize("balancing", [None, "dwa", "imtl_g", "cagrad"])
def test_a_frozen_backbone_freezes_nothing_else(balancing):
    distiller = pretrained(balancing)
    x = np.random.default_rng(0).normal(size=(16, 8)).astype("float32")
    student = distiller.student
    before = {v.path: np.array(v) for v in student.variables}
    distiller.fit(x, {"a": x[:, :1], "b": x[:, 1:2]}, batch_size=16, verbose=0)
    moved = {v.path for v in student.variables if not np.array_equal(before[v.path], v)}
    generators = [
        seed.state.path for layer in layers_within(student) for seed in seed_generators(layer)
    ]
    inside, *heads = generators
    assert {path for path in moved if "moving" in path} == {
        f"norm_{task}/moving_{name}" for task in ("a", "b") for name in ("mean", "variance")
    }
    assert inside not in moved and set(heads) <= moved


def test_losses_of_a_step_are_alike_whatever_is_balanced():
    """The heads see the same dropout and statistics, so that methods are compared fairly."""
    x = np.random.default_rng(0).normal(size=(16, 8)).astype("float32")
    y = {"a": x[:, :1], "b": x[:, 1:2]}
    losses = [
        pretrained(balancing).train_on_batch(x, y, return_dict=True)
        for balancing in (None, "imtl_g", "cagrad")
    ]
    for task in ("a", "b"):
        values = [float(each[f"{task}_loss"]) for each in losses]
        np.testing.assert_allclose(values, values[0], rtol=1e-5)
