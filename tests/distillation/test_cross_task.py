import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers
from scipy.special import softmax

import keras_mtkd as mtkd
from keras_mtkd.losses import SinkhornDistance

COST = np.random.default_rng(0).uniform(size=(5, 3))


def other_teacher(classes=5, softmax=False):
    inputs = keras.Input((6,))
    activation = "softmax" if softmax else None
    outputs = keras.layers.Dense(classes, activation=activation, name="other")(inputs)
    return keras.Model(inputs, outputs)


def distiller(*ways, teachers=None):
    keras.utils.set_random_seed(0)
    model = mtkd.MultiTaskDistiller(toy_model(), {} if teachers is None else teachers, list(ways))
    model.compile(keras.optimizers.Adam(0.01), loss=toy_losses())
    return model


def logged(model, key):
    x, y = toy_data()
    return model.fit(x, y, batch_size=len(x), epochs=1, verbose=0).history[key][0]


def class_probabilities(logits):
    return softmax(np.asarray(logits), -1).astype("float32")


@pytest.mark.parametrize("as_probabilities", [False, True])
def test_distance_is_the_transport_between_predictions(as_probabilities):
    teacher = other_teacher(softmax=as_probabilities)
    way = mtkd.CrossTaskDistillation(
        teacher,
        COST,
        "a",
        weight=50.0,
        temperature=2.0,
        epsilon=0.1,
        teacher_from_logits=not as_probabilities,
    )
    model = distiller(way)
    x, _ = toy_data()
    theirs, mine = teacher(x), model.student(x)["a"]
    logits = np.log(theirs) if as_probabilities else np.array(theirs)
    p, q = class_probabilities(logits / 2.0), class_probabilities(np.array(mine) / 2.0)
    expected = 50.0 * float(SinkhornDistance(COST, epsilon=0.1)(p, q))
    assert logged(model, "a_distillation_loss") == pytest.approx(expected, rel=1e-4)


def test_the_teacher_of_another_task():
    """Task "a" has 3 classes; its teacher teaches "c" of 2 classes."""
    inputs = keras.Input((6,))
    shared = keras.layers.Dense(8, name="features")(inputs)
    heads = {"a": keras.layers.Dense(3)(shared), "c": keras.layers.Dense(2)(shared)}
    teacher = toy_model(("a",))
    way = mtkd.CrossTaskDistillation("a", COST[:3, :2], "c")
    model = mtkd.MultiTaskDistiller(
        keras.Model(inputs, heads), {"a": teacher}, [mtkd.FeatureDistillation("features"), way]
    )
    classes = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss={"a": classes, "c": classes})
    x, y = toy_data()
    p, q = class_probabilities(teacher(x)["a"]), class_probabilities(model.student(x)["c"])
    expected = float(SinkhornDistance(COST[:3, :2])(p, q))
    history = model.fit(x, {"a": y["a"], "c": y["a"] % 2}, batch_size=len(x), verbose=0).history
    assert history["c_distillation_loss"][0] == pytest.approx(expected, rel=1e-4)
    assert len(model.frozen_teachers) == 1


def test_moves_the_student_and_not_the_teacher():
    teacher = other_teacher()
    before = [np.array(w) for w in teacher.weights]
    way = mtkd.CrossTaskDistillation(teacher, COST, "a", weight=50.0, temperature=2.0, epsilon=0.1)
    model = distiller(way)
    x, y = toy_data()
    history = model.fit(x, y, batch_size=len(x), epochs=3, verbose=0).history
    history = history["a_distillation_loss"]
    assert history[-1] < history[0]
    for one, other in zip(before, teacher.weights, strict=True):
        np.testing.assert_array_equal(one, np.array(other))


def test_saved_and_loaded(tmp_path):
    teachers = toy_teachers()
    ways = [
        mtkd.FeatureDistillation("features"),
        mtkd.CrossTaskDistillation(other_teacher(), COST, "a", name="one"),
        mtkd.CrossTaskDistillation("a", np.ones((3, 3)), "a", name="two"),
    ]
    model = distiller(*ways, teachers=teachers)
    model.save(tmp_path / "distiller.keras")
    loaded = keras.saving.load_model(tmp_path / "distiller.keras")
    x, y = toy_data()
    found, expected = (
        each.fit(x, y, batch_size=len(x), verbose=0).history for each in (loaded, model)
    )
    assert "a_two_distillation_loss" in expected
    for key, values in expected.items():
        assert found[key] == pytest.approx(values, rel=1e-5), key


class TestRefusals:
    def test_cost_of_another_shape(self):
        with pytest.raises(ValueError, match="cost is for 5 teacher and 3 student classes"):
            distiller(mtkd.CrossTaskDistillation(other_teacher(4), COST, "a"))

    def test_regression(self):
        with pytest.raises(ValueError, match="must be compiled with a class loss"):
            distiller(mtkd.CrossTaskDistillation(other_teacher(), COST[:, :1], "b"))

    def test_the_same_model_twice(self):
        teachers = toy_teachers()
        way = mtkd.CrossTaskDistillation(teachers["a"], COST[:3], "a")
        with pytest.raises(ValueError, match="Pass `teacher='a'`"):
            distiller(way, teachers=teachers)

    def test_a_task_without_teacher(self):
        with pytest.raises(ValueError, match="names the teacher of 'b', which has none"):
            distiller(mtkd.CrossTaskDistillation("b", COST, "a"))
