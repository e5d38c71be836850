"""Names of metrics: what Keras takes, and what was meant by others."""

import keras
import pytest

import keras_mtkd as mtkd
from keras_mtkd._backend.metric_names import wrong_metric


@pytest.mark.parametrize(
    "name",
    [
        *("accuracy", "ACC", "mae", "MSE", "MeanSquaredError", "auc", "AUC", "r2_score", "bce"),
        *("sparse_categorical_accuracy", "SparseCategoricalAccuracy", "cosine_similarity"),
    ],
)
def test_what_compile_takes_is_taken(name):
    assert wrong_metric(name) is None


def test_every_name_is_taken_that_keras_makes_one_value_of():
    for name in dir(keras.metrics):
        if name.startswith("_"):
            continue
        try:
            found = keras.metrics.get(name)
        except (TypeError, ValueError):
            continue
        several = isinstance(found, keras.metrics.FBetaScore)
        assert (wrong_metric(name) is None) is not several, name


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("r2", "knows no metric 'r2'. Did you mean 'r2_score'?"),
        ("rmse", "Did you mean 'root_mean_squared_error'?"),
        ("accurcy", "Did you mean 'accuracy'?"),
        ("f1", r"Did you mean `keras.metrics.F1Score\(...\)`?"),
        ("f1_score", r"every class. .*`keras.metrics.F1Score\(average='macro'\)`"),
        ("MeanIoU", r"needs arguments. Pass `keras.metrics.MeanIoU\(...\)`"),
        ("qqq", "Pass the name of one of `keras.metrics`"),
    ],
)
def test_others_are_refused_by_the_task_with_what_was_meant(name, near):
    with pytest.raises(ValueError, match=f"^Task 'price': .*{near}"):
        mtkd.Task("price", keras.layers.Flatten, "mse", [name], higher_is_better=True)


def test_looking_makes_no_metric():
    before = keras.metrics.AUC().name
    wrong_metric("auc")
    wrong_metric("aucc")
    count = int(keras.metrics.AUC().name.removeprefix("auc").strip("_"))
    assert count == int(before.removeprefix("auc").strip("_") or 0) + 1


def test_scores_measured_elsewhere_have_any_name():
    assert mtkd.Task("price", None, "mse", ["r2"]).score == "r2"
