import keras
import numpy as np
import pytest
from helpers import toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd import losses
from keras_mtkd.distillation.base import per_sample


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
        assert [branch.teacher.shapes for branch in model._wiring.branches] == [
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
        with pytest.raises(ValueError, match=r"Task 'a'.*positions do not match.*same resolution"):
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


class TestLogitDistillation:
    @pytest.mark.parametrize(
        ("task_loss", "kind", "from_logits"),
        [
            (keras.losses.SparseCategoricalCrossentropy(from_logits=True), losses.LogitKL, True),
            (keras.losses.CategoricalCrossentropy(name="my_own"), losses.LogitKL, False),
            (keras.losses.BinaryCrossentropy(from_logits=True), losses.BinaryLogitKL, True),
            (losses.get("binary_crossentropy"), losses.BinaryLogitKL, False),
        ],
    )
    def test_distance_follows_the_task_loss(self, task_loss, kind, from_logits):
        distance = mtkd.LogitDistillation(temperature=3.0).distance("a", task_loss)
        assert type(distance) is kind
        assert (distance.temperature, distance.from_logits) == (3.0, from_logits)

    def test_regression_keeps_the_loss_of_its_task(self):
        task_loss = keras.losses.Huber()
        assert mtkd.LogitDistillation().distance("a", task_loss) is task_loss

    def test_one_distance_for_all(self):
        way = mtkd.LogitDistillation(loss="mse")
        assert way.distance("a", toy_losses()["a"]).name == "mean_squared_error"

    def test_bad_temperature(self):
        with pytest.raises(ValueError, match="`temperature` must be positive"):
            mtkd.LogitDistillation(temperature=-1)


WAYS = [
    mtkd.FeatureDistillation(
        "x.y", {"a": "z"}, ["a"], {"a": 2.0}, keras.layers.Dense(3), "mse", False, "n"
    ),
    mtkd.FeatureDistillation("features"),
    mtkd.LogitDistillation(["a"], 0.5, 2.0, keras.losses.MeanSquaredError(), False, "soft"),
    mtkd.KerasDistillation(keras.distillation.LogitsDistillation(3.0, "mse"), ["b"], {"b": 3.0}),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: type(way).__name__)
def test_config_makes_an_equal_object(way):
    config = keras.saving.serialize_keras_object(way)
    revived = keras.saving.deserialize_keras_object(config)
    assert type(revived) is type(way)
    assert keras.saving.serialize_keras_object(revived) == config


class TestRefusals:
    def test_predictions_of_different_shapes(self):
        inputs = keras.Input((6,))
        teacher = keras.Model(inputs, keras.layers.Dense(7)(inputs))
        with pytest.raises(ValueError, match=r"Task 'a'.*\(None, 3\), its teacher \(None, 7\)"):
            self.build(mtkd.LogitDistillation(), teachers={"a": teacher})

    def build(self, *ways, teachers=None):
        return mtkd.MultiTaskDistiller(toy_model(), teachers or toy_teachers(), ways)

    def test_task_the_student_does_not_have(self):
        with pytest.raises(ValueError, match=r"names the task 'c'.*\['a', 'b'\]"):
            self.build(mtkd.LogitDistillation(tasks=["c"]))
        with pytest.raises(ValueError, match=r"names the task 'c'"):
            self.build(mtkd.LogitDistillation(weight={"c": 1.0}))

    def test_task_without_teacher(self):
        with pytest.raises(ValueError, match=r"names the task 'b', which has no teacher.*\['a'\]"):
            self.build(mtkd.LogitDistillation(tasks=["b"]), teachers={"a": toy_model(("a",))})

    def test_two_of_the_same_name(self):
        with pytest.raises(ValueError, match="Two distillations are called 'features'"):
            self.build(mtkd.FeatureDistillation("features"), mtkd.FeatureDistillation("features"))

    def test_something_else(self):
        with pytest.raises(TypeError, match="Received: 'features' of type str"):
            mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ["features"])
        with pytest.raises(TypeError, match="must be a `keras.distillation.DistillationLoss`"):
            mtkd.KerasDistillation("mse")

    def test_negative_weight(self):
        with pytest.raises(ValueError, match="must not be negative. Received: weight=-1"):
            mtkd.LogitDistillation(weight=-1)


def test_masks_become_one_weight_a_sample():
    mask = np.array([[[1.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]]], "float32")
    np.testing.assert_allclose(np.array(per_sample(mask)), [0.5, 1.0])


def test_arguments_in_the_order_of_keras_are_refused():
    with pytest.raises(TypeError, match=r"`FeatureDistillation\('s', 't', loss='mse'\)`"):
        mtkd.FeatureDistillation("mse", "t", "s")
    for way in (mtkd.FeatureDistillation, mtkd.LogitDistillation):
        with pytest.raises(TypeError, match=r"tasks='depth'\. Pass \['depth'\]"):
            way(**({"student_layer": "s"} if "Feature" in way.__name__ else {}), tasks="depth")
