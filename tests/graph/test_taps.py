import keras
import numpy as np
import pytest
from helpers import snapshot, toy_model

from keras_mtkd._graph.taps import TappedModel, require_functional, tap_paths


def nested_model():
    inner_inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, name="block1")(inner_inputs)
    x = keras.layers.Conv2D(5, 3, name="block2")(x)
    backbone = keras.Model(inner_inputs, x, name="backbone")
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Rescaling(0.5, name="scale")(inputs)
    x = backbone(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, {"a": keras.layers.Dense(2, name="head")(x)})


def images(count=3):
    return np.random.default_rng(0).normal(size=(count, 8, 8, 3)).astype("float32")


def test_taps_are_the_layers_outputs():
    model, x = nested_model(), images()
    backbone = model.get_layer("backbone")
    outputs, taps = TappedModel(model, ["backbone.block1", "pool", "scale"])(x)
    np.testing.assert_allclose(outputs["a"], model(x)["a"], rtol=1e-6)
    np.testing.assert_allclose(taps["scale"], 0.5 * x, rtol=1e-6)
    expected = backbone.get_layer("block1")(0.5 * x)
    np.testing.assert_allclose(taps["backbone.block1"], expected, rtol=1e-5)
    np.testing.assert_allclose(
        taps["pool"], np.mean(np.asarray(backbone(0.5 * x)), axis=(1, 2)), rtol=1e-4, atol=1e-6
    )


def test_two_levels_deep_and_through_a_sequential():
    inner = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, name="deep"), keras.layers.ReLU()], name="inner"
    )
    middle_inputs = keras.Input((4,))
    middle = keras.Model(middle_inputs, inner(middle_inputs), name="middle")
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(1)(middle(inputs)))
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    _, taps = TappedModel(model, ["middle.inner.deep"])(x)
    np.testing.assert_allclose(taps["middle.inner.deep"], inner.get_layer("deep")(x), rtol=1e-5)


def test_sequential_model():
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, name="d"), keras.layers.ReLU()]
    )
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    outputs, taps = TappedModel(model, ["d"])(x)
    np.testing.assert_allclose(np.maximum(taps["d"], 0), outputs, rtol=1e-6)


def test_the_model_is_left_as_it_was():
    model, x = nested_model(), images()
    config, weights, result = model.get_config(), snapshot(model), np.array(model(x)["a"])
    TappedModel(model, ["backbone.block2"])(x, training=True)
    assert model.get_config() == config
    assert all(np.array_equal(a, b) for a, b in zip(weights, snapshot(model), strict=True))
    np.testing.assert_array_equal(model(x)["a"], result)


def test_a_layer_shared_with_another_model_gives_this_models_feature():
    shared = keras.layers.Dense(3, name="shared")
    other = keras.Input((4,))
    keras.Model(other, shared(2.0 * other))
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.ReLU()(shared(inputs)))
    x = np.ones((2, 4), "float32")
    _, taps = TappedModel(model, ["shared"])(x)
    np.testing.assert_allclose(taps["shared"], shared(x), rtol=1e-6)


def test_shapes_and_no_outputs():
    tapped = TappedModel(nested_model(), ["backbone.block1"], with_outputs=False)
    outputs, taps = tapped(images(2))
    assert outputs is None
    assert tapped.shapes == {"backbone.block1": (None, 6, 6, 4)}
    assert taps["backbone.block1"].shape == (2, 6, 6, 4)


def test_without_taps_the_model_itself_runs():
    model, x = nested_model(), images()
    outputs, taps = TappedModel(model, [])(x)
    assert taps == {}
    np.testing.assert_array_equal(outputs["a"], model(x)["a"])


def test_training_flag_reaches_the_layers():
    model = toy_model(batch_norm=True)
    x = np.random.default_rng(0).normal(3.0, size=(16, 6)).astype("float32")
    before = np.array(model.get_layer("norm").moving_mean)
    TappedModel(model, ["features"])(x, training=False)
    np.testing.assert_array_equal(model.get_layer("norm").moving_mean, before)
    TappedModel(model, ["features"])(x, training=True)
    assert not np.array_equal(model.get_layer("norm").moving_mean, before)


def test_unknown_path_names_the_nearest():
    with pytest.raises(ValueError, match=r"no layer 'block1'.*Nearest: 'backbone.block1'"):
        TappedModel(nested_model(), ["block1"])


def test_input_layer_is_no_tap():
    model = nested_model()
    with pytest.raises(ValueError, match="is an input, not a layer"):
        TappedModel(model, [model.layers[0].name])


def test_layer_that_runs_twice_is_ambiguous():
    layer = keras.layers.Dense(4, name="twice")
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layer(layer(inputs)))
    with pytest.raises(ValueError, match="'twice' runs more than once"):
        TappedModel(model, ["twice"])


def test_layer_with_several_outputs_is_refused():
    inner_inputs = keras.Input((4,))
    inner = keras.Model(inner_inputs, [inner_inputs + 1, inner_inputs + 2], name="two")
    inputs = keras.Input((4,))
    one, other = inner(inputs)
    with pytest.raises(ValueError, match="has 2 outputs"):
        TappedModel(keras.Model(inputs, one + other), ["two"])


def test_tap_paths_lists_nested_layers():
    paths = tap_paths(nested_model())
    assert {"scale", "backbone", "backbone.block1", "backbone.block2", "pool"} <= set(paths)


def test_subclassed_models_are_refused():
    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="must be a functional model.*a Own without a graph"):
        require_functional(Own(), "student")
    with pytest.raises(ValueError, match=r"keras.Model\(inputs, subclassed\(inputs\)\)"):
        require_functional(Own(), "teacher of 'a'")
    with pytest.raises(TypeError, match="student must be a `keras.Model`"):
        require_functional("model", "student")


def test_names_with_dots_lead_where_they_say():
    inputs = keras.Input((4,))
    nested = keras.Model(inputs, keras.layers.Dense(3, name="x")(inputs), name="a.b")
    outer = keras.Input((4,))
    # "a" comes first, and "a.b.x" begins with it.
    hidden = keras.layers.Dense(4, name="a")(outer)
    model = keras.Model(outer, keras.layers.Dense(1, name="c.d")(nested(hidden)))
    tapped = TappedModel(model, ["a.b.x", "c.d"])
    assert tapped.shapes == {"a.b.x": (None, 3), "c.d": (None, 1)}
