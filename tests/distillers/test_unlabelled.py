"""Data without labels for some tasks or for all."""

import keras
import numpy as np
import pytest
from helpers import snapshot, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.distillers.unlabelled import names_in_logs, with_stand_ins
from keras_mtkd.losses.task_losses import TaskLosses

WAYS = {
    "features": lambda: [mtkd.FeatureDistillation("features")],
    "predictions": lambda: [mtkd.LogitDistillation()],
    "margin": lambda: [
        mtkd.LogitDistillation(["a"], margin=1.0),
        mtkd.LogitDistillation(["b"], name="b"),
    ],
}
BALANCING = [None, "dwa", "uncertainty", "imtl_g", "cagrad"]


def distiller(ways="predictions", balancing=None, teachers=None):
    keras.utils.set_random_seed(0)
    made = toy_teachers() if teachers is None else teachers
    level = "parameters" if balancing == "cagrad" else None
    if level:
        balancing = mtkd.balancing.Balancing(balancing, level=level)
    model = mtkd.MultiTaskDistiller(toy_model(), made, WAYS[ways](), balancing=balancing)
    metrics = {"a": ["accuracy"], "b": ["mae"]}
    model.compile("sgd", loss=toy_losses(), metrics=metrics)
    return model


def without(task):
    x, y = toy_data()
    return x, {name: labels for name, labels in y.items() if name != task}


@pytest.mark.parametrize("ways", WAYS)
def test_without_labels_only_the_teachers_teach(ways):
    x, _ = toy_data()
    model = distiller(ways)
    before = snapshot(model.student)
    logs = model.fit(x, batch_size=24, verbose=0).history
    names = {"loss", "a_distillation_loss", "b_distillation_loss"}
    assert set(logs) == names
    total = logs["a_distillation_loss"][0] + logs["b_distillation_loss"][0]
    np.testing.assert_allclose(logs["loss"][0], total, rtol=1e-5)
    moved = [not np.array_equal(a, b) for a, b in zip(before, snapshot(model.student), strict=True)]
    assert any(moved)


@pytest.mark.parametrize("balancing", BALANCING)
def test_a_task_without_labels_is_distilled(balancing):
    x, y = without("b")
    logs = distiller(balancing=balancing).train_on_batch(x, y, return_dict=True)
    assert {"a_loss", "a_accuracy", "a_distillation_loss", "b_distillation_loss"} <= set(logs)
    assert not {"b_loss", "b_mae"} & set(logs)
    assert all(np.isfinite(value) for value in logs.values())


def test_it_is_the_same_as_labels_of_no_weight():
    """Losses and gradients: the step that is taken is the same."""
    x, y = toy_data()
    weights = {"a": np.ones(len(x)), "b": np.zeros(len(x))}
    ways = mtkd.LogitDistillation(use_sample_weight=False)
    ended = []
    for data in ((x, without("b")[1]), (x, y, weights)):
        keras.utils.set_random_seed(0)
        model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), [ways])
        model.compile("sgd", loss=toy_losses())
        model.train_on_batch(*data)
        ended.append(snapshot(model.student))
    for one, other in zip(*ended, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("container", [list, tuple])
def test_several_inputs_are_no_pair_of_inputs_and_labels(container):
    x = container(np.random.default_rng(0).normal(size=(2, 12, 3)).astype("float32"))
    student, teacher = (_of_two_inputs() for _ in range(2))
    wanted = np.mean((student.predict(x, verbose=0)["a"] - teacher.predict(x, verbose=0)["a"]) ** 2)
    model = mtkd.MultiTaskDistiller(student, {"a": teacher}, mtkd.LogitDistillation())
    model.compile("sgd", loss="mse")
    (loss,) = model.fit(x, batch_size=12, verbose=0).history["loss"]
    np.testing.assert_allclose(loss, wanted, rtol=1e-5)
    with pytest.raises(ValueError, match="no labels, so there is nothing to measure"):
        model.evaluate(x, verbose=0)


def _of_two_inputs():
    inputs = [keras.Input((3,)) for _ in range(2)]
    return keras.Model(inputs, {"a": keras.layers.Dense(1)(keras.layers.Concatenate()(inputs))})


def test_none_counts_as_no_labels():
    x, y = toy_data()
    logs = distiller().train_on_batch(x, {"a": y["a"], "b": None}, return_dict=True)
    assert "a_loss" in logs and "b_loss" not in logs


@pytest.mark.parametrize("step", ["fit", "train_on_batch"])
def test_a_task_that_has_nothing_is_named(step):
    teachers = {"a": toy_model(("a",))}
    model = distiller("features", teachers=teachers)
    with pytest.raises(ValueError, match=r"no labels for task 'b', and nothing teaches it"):
        getattr(model, step)(*without("b"))
    with pytest.raises(ValueError, match=r"no labels for task 'b', and nothing teaches it"):
        getattr(model, step)(toy_data()[0])


def test_validation_may_lack_labels_of_a_task():
    model = distiller()
    with pytest.warns(UserWarning, match=r"validation data has no labels for \['b'\]"):
        logs = model.fit(*toy_data(), validation_data=without("b"), verbose=0).history
    assert {"val_loss", "val_a_loss", "val_a_accuracy"} <= set(logs)
    assert not [name for name in logs if name.startswith("val_b")]
    np.testing.assert_allclose(logs["val_loss"], logs["val_a_loss"], rtol=1e-5)
    assert "b_mae" in logs


def test_validation_without_any_label_is_refused():
    x, y = toy_data()
    with pytest.raises(ValueError, match=r"In the validation data: There are no labels"):
        distiller().fit(x, y, validation_data=(x,), verbose=0)
    with pytest.raises(ValueError, match=r"In the evaluation data: There are no labels"):
        distiller().evaluate(x, verbose=0)


def test_evaluation_of_one_task_is_what_it_is_with_all():
    x, y = toy_data()
    model = distiller()
    whole = model.evaluate(x, y, verbose=0, return_dict=True)
    with pytest.warns(UserWarning, match=r"evaluation data has no labels for \['a'\]"):
        part = model.evaluate(x, {"b": y["b"]}, verbose=0, return_dict=True)
    assert set(part) == {"loss", "b_loss", "b_mae"}
    assert model.unlabelled_tasks == ["a"]
    np.testing.assert_allclose(part["b_loss"], whole["b_loss"], rtol=1e-6)
    np.testing.assert_allclose(part["b_mae"], whole["b_mae"], rtol=1e-6)
    np.testing.assert_allclose(part["loss"], whole["b_loss"], rtol=1e-6)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"a": np.full(48, 3)}, "head has 3 classes, but a label is 3"),
        ({"b": np.full((48, 1), np.nan)}, "48 labels are NaN"),
        ({"b": np.zeros((48, 2))}, r"labels have shape \(48, 2\)"),
    ],
)
def test_validation_labels_are_checked_as_training_labels_are(labels, message):
    x, y = toy_data()
    with pytest.raises(ValueError, match=f"In the validation data: Task.*{message}"):
        distiller().fit(x, y, validation_data=(x, {**y, **labels}), verbose=0)


def test_what_stands_in_for_labels_weighs_nothing():
    losses = TaskLosses(toy_losses(), ["a", "b"])
    shown = {"a": np.ones((4, 3), "float32"), "b": np.ones((4, 1), "float32")}
    labels, weights, missing = with_stand_ins(losses, shown, {"b": np.ones((4, 1))}, None)
    assert missing == ["a"]
    assert labels["a"].shape == (4,)
    assert np.array(weights["a"]).tolist() == [0.0] * 4
    assert weights["b"] is None
    _, untouched, missing = with_stand_ins(losses, shown, {"a": 0, "b": 0}, None)
    assert untouched is None
    assert missing == []


def test_names_in_logs_belong_to_the_longest_task():
    names = ["depth_mae", "depth_error_mae"]
    found = names_in_logs(["depth_error"], ["depth", "depth_error"], names)
    assert found == {"depth_error_loss", "depth_error_mae"}
    assert names_in_logs(["only"], ["only"], ["mae"]) == {"only_loss", "mae"}
