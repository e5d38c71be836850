"""Scores against the same metrics in NumPy."""

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model

import keras_mtkd as mtkd
from keras_mtkd.distillers.scores import task_scores, teacher_scores

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

X, Y = toy_data(samples=12)
WEIGHT = {"b": (np.arange(12) % 3 > 0).astype("float32")}


def tasks(*names):
    made = {
        "a": mtkd.Task("a", None, toy_losses()["a"], ["accuracy"]),
        "b": mtkd.Task("b", None, "mse", ["mae", keras.metrics.MeanSquaredError(name="squares")]),
    }
    return {name: made[name] for name in names or "ab"}


def oracle(model, task, weight=None):
    out = np.array(model(X)[task])
    if task == "a":
        return {"accuracy": np.mean(out.argmax(-1) == Y["a"])}
    errors = (out - Y["b"])[:, 0]
    return {
        "mae": np.average(abs(errors), weights=weight),
        "squares": np.average(errors**2, weights=weight),
    }


def test_all_metrics_of_all_tasks_of_a_data_set():
    model, data = toy_model(), mtkd.datasets.ArrayDataset(X, Y, batch_size=5)
    found = task_scores(model, tasks(), data)
    assert found == {task: pytest.approx(oracle(model, task), rel=1e-4) for task in "ab"}


def test_samples_without_label_do_not_count_for_a_task_whose_name_keras_leaves_out():
    model = toy_model(("b",))
    found = task_scores(model, tasks(), (X, {"b": Y["b"]}, WEIGHT))
    assert found == {"b": pytest.approx(oracle(model, "b", WEIGHT["b"]), rel=1e-4)}


def test_of_teachers_the_score_of_the_task_alone():
    teachers = {"b": toy_model()}
    found = teacher_scores(teachers, tasks(), (X, Y))
    assert found == {"b": pytest.approx(oracle(teachers["b"], "b")["mae"], rel=1e-4)}


def test_a_teacher_without_graph():
    class Own(keras.Model):
        pass

    with pytest.raises(ValueError, match=r"'b' is no functional model.*`single_task=\{task: score"):
        teacher_scores({"b": Own()}, tasks(), (X, Y))


@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("ending", ["sigmoid", None])
def test_predictions_have_the_form_that_the_loss_takes(ending, from_logits):
    """A threshold of 0 is one of logits: probabilities are all above it."""
    inputs = keras.Input((X.shape[1],))
    teacher = keras.Model(inputs, {"t": keras.layers.Dense(1, activation=ending)(inputs)})
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)
    metric = keras.metrics.BinaryAccuracy(
        name="by_threshold", threshold=0.0 if from_logits else 0.5
    )
    y = (np.arange(12) % 3 > 0).astype("float32")[:, None]
    answers = np.array(teacher(X)["t"]) > (0.5 if ending else 0.0)
    assert 0 < answers.sum() < 12
    task = mtkd.Task("t", None, loss, ["accuracy", metric])
    found = task_scores(teacher, {"t": task}, (X, {"t": y}))
    right = pytest.approx(np.mean(answers == y), abs=1e-6)
    assert found == {"t": {"accuracy": right, "by_threshold": right}}
