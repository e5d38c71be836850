"""Plain multi-task learning."""

import keras
import numpy as np
import pytest
from helpers import equal_weights, snapshot, toy_data, toy_losses, toy_model

import keras_mtkd as mtkd


def trained(make):
    keras.utils.set_random_seed(3)
    model = make(toy_model(batch_norm=True))
    model.compile("sgd", toy_losses(), metrics={"a": ["accuracy"]})
    x, y = toy_data()
    return model, model.fit(x, y, batch_size=16, epochs=1, verbose=0).history


@pytest.fixture(scope="module")
def plain():
    return trained(lambda student: mtkd.MultiTaskModel(student, {"b": 0.25}))


def test_trains_as_a_distiller_without_teachers(plain):
    model, history = plain
    other, theirs = trained(lambda student: mtkd.MultiTaskDistiller(student, {}, (), {"b": 0.25}))
    assert history == theirs
    assert equal_weights(snapshot(model.student), snapshot(other.student))


def test_saved_and_loaded(plain, tmp_path):
    model, _ = plain
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is mtkd.MultiTaskModel
    assert loaded.name == model.name
    assert np.array(loaded.task_weights).tolist() == [1.0, 0.25]
    assert equal_weights(snapshot(model.student), snapshot(loaded.student))
    x, y = toy_data(1)
    assert loaded.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)


def test_the_objective_is_the_weighted_sum(plain):
    model, _ = plain
    x, y = toy_data(1)
    shown = {task: np.array(value, "float64") for task, value in model(x).items()}
    shifted = shown["a"] - shown["a"].max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    expected = -log_p[np.arange(len(x)), y["a"]].mean()
    expected += 0.25 * ((shown["b"] - y["b"]) ** 2).mean()
    np.testing.assert_allclose(model.compute_loss(x, y, model(x)), expected, rtol=1e-5)


def test_unknown_tasks_and_loss_weights_are_refused():
    with pytest.raises(ValueError, match=r"names the task 'c'.*\['a', 'b'\]"):
        mtkd.MultiTaskModel(toy_model(), {"c": 1.0})
    with pytest.raises(ValueError, match="Pass `task_weights` to the constructor"):
        mtkd.MultiTaskModel(toy_model()).compile(loss=toy_losses(), loss_weights=[1, 2])
