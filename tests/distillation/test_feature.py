import keras
import numpy as np
import pytest
from helpers import toy_model, toy_teachers

import keras_mtkd as mtkd


def convolutional(width, size=8, layer="features"):
    inputs = keras.Input((size, size, 3))
    x = keras.layers.Conv2D(width, 3, padding="same", name=layer)(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, {"a": keras.layers.Dense(3)(x)})


class TestFeatureDistillation:
    def test_each_task_has_an_adaptor_of_its_own(self):
        model = mtkd.MultiTaskDistiller(
            toy_model(), toy_teachers(), [mtkd.FeatureDistillation("features")]
        )
        assert list(model.adaptors) == ["a/features", "b/features"]
        a, b = model.adaptors.values()
        assert a.kernel.shape == (8, 5)
        assert not np.array_equal(a.kernel, b.kernel)

    def test_maps_get_a_convolution(self):
        model = mtkd.MultiTaskDistiller(
            convolutional(4), {"a": convolutional(6)}, [mtkd.FeatureDistillation("features")]
        )
        assert model.adaptors["a/features"].kernel.shape == (4, 6)

    @pytest.mark.parametrize("adaptor", ["none", None])
    def test_equal_widths_need_no_adaptor(self, adaptor):
        way = mtkd.FeatureDistillation("features", adaptor=adaptor)
        model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(width=8), [way])
        assert model.adaptors == {}

    @pytest.mark.parametrize(
        "adaptor", [keras.layers.Dense(5, "tanh"), lambda: keras.layers.Dense(5, "tanh")]
    )
    def test_own_layers_are_made_anew_for_every_task(self, adaptor):
        way = mtkd.FeatureDistillation("features", adaptor=adaptor)
        model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), [way])
        a, b = model.adaptors.values()
        assert a is not b
        assert a.activation is keras.activations.tanh
        assert a.kernel.shape == (8, 5)

    def test_layers_may_have_other_names_in_teachers(self):
        student = toy_model()
        teachers = toy_teachers()
        way = mtkd.FeatureDistillation("features", teacher_layer={"a": "hidden"})
        model = mtkd.MultiTaskDistiller(student, teachers, [way])
        assert [branch.teacher.shapes for branch in model.wiring.branches] == [
            {"hidden": (None, 5)},
            {"features": (None, 5)},
        ]

    def test_widths_that_differ_need_an_adaptor(self):
        way = mtkd.FeatureDistillation("features", adaptor="none")
        with pytest.raises(ValueError, match=r"Task 'a': .*\(None, 8\).*\(None, 5\).*adaptor="):
            mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), [way])

    def test_positions_that_differ_are_refused(self):
        way = mtkd.FeatureDistillation("features")
        inputs = keras.Input((8, 8, 3))
        x = keras.layers.Conv2D(4, 3, strides=2, name="features")(inputs)
        small = keras.Model(
            inputs, {"a": keras.layers.Dense(3)(keras.layers.GlobalMaxPooling2D()(x))}
        )
        with pytest.raises(ValueError, match=r"Task 'a'.*positions differ, .*same resolution"):
            mtkd.MultiTaskDistiller(convolutional(4), {"a": small}, [way])

    def test_unknown_adaptor(self):
        with pytest.raises(ValueError, match="Received: adaptor='quadratic'"):
            mtkd.FeatureDistillation("features", adaptor="quadratic")

    def test_unknown_taps_name_the_nearest_layers(self):
        with pytest.raises(ValueError, match=r"no layer 'featres'.*Nearest: 'features'"):
            mtkd.MultiTaskDistiller(
                toy_model(), toy_teachers(), [mtkd.FeatureDistillation("featres", "features")]
            )
        with pytest.raises(ValueError, match=r"Teacher of \['a'\]: .*'featres'.*'features'"):
            mtkd.MultiTaskDistiller(
                toy_model(), toy_teachers(), [mtkd.FeatureDistillation("features", "featres")]
            )
