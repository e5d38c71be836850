"""Which of the logs are shown."""

import keras
import numpy as np
import pytest

from keras_mtkd.distillers.progress.columns import (
    MOST_TASKS,
    Column,
    candidates,
    columns_of,
    explanation,
    in_line,
    scores_in,
)


def names(tasks, *metrics):
    return {task: [s.name for s in own] for task, own in candidates(tasks, *metrics).items()}


def squared(y_true, y_pred):
    return (y_true - y_pred) ** 2


def many(tasks, metric="accuracy", start=0):
    """Tasks of one metric, and the logs of both kinds of data."""
    made = [f"t{start + i}" for i in range(tasks)]
    logs = {f"{task}_{metric}": i / tasks for i, task in enumerate(made)}
    metrics = {task: [metric] for task in made}
    return metrics, {**logs, **{f"val_{n}": v + 1 for n, v in logs.items()}}


def shown(metrics, logs, prefix=""):
    """`{title: value}` of the table."""
    scores = scores_in(logs, candidates(list(metrics), metrics))
    return {each.title: each.value(logs, prefix) for each in columns_of(scores, logs)}


class TestCandidates:
    def test_metrics_of_both_kinds_then_the_loss(self):
        given = {"a": ["mae", "mse"]}, {"a": keras.metrics.MeanSquaredError(name="own")}
        assert names(["a", "b"], *given) == {
            "a": ["a_mae", "a_mse", "a_own", "a_loss"],
            "b": ["b_loss"],
        }

    @pytest.mark.parametrize("given", ["mae", ["mae"], {"a": "mae"}, {"a": ("mae", None)}])
    def test_a_single_task_is_not_in_the_name(self, given):
        assert names(["a"], given, None) == {"a": ["mae", "a_loss"]}

    def test_functions_are_called_as_in_logs(self):
        assert names(["a", "b"], {"b": squared})["b"] == ["b_squared", "b_loss"]

    def test_lists_for_several_tasks_tell_no_task(self):
        assert names(["a", "b"], [["mae"], ["mse"]]) == {"a": ["a_loss"], "b": ["b_loss"]}


class TestScores:
    wanted = candidates(["a", "b"], {"a": ["mae"]})

    def test_the_first_that_is_there(self):
        logs = {"a_loss": 1.0, "a_mae": 2.0, "b_loss": 3.0}
        found = scores_in(logs, self.wanted)
        assert {task: score.name for task, score in found.items()} == {"a": "a_mae", "b": "b_loss"}
        del logs["a_mae"]
        assert scores_in(logs, self.wanted)["a"].name == "a_loss"

    def test_of_validation_alone(self):
        assert list(scores_in({"val_b_loss": 1.0}, self.wanted)) == ["b"]


class TestColumns:
    def test_a_column_a_task_and_the_sum_of_distances(self):
        logs = {
            "b_mae": 3.0,
            "a_accuracy": 0.5,
            "a_distillation_loss": 1.0,
            "b_distillation_loss": 2.0,
            "a_logits_distillation_loss": 7.0,
            "val_b_mae": 4.0,
            "stage": 1.0,
            "a_block": 0.0,
        }
        metrics = {"a": ["accuracy"], "b": ["mae"]}
        assert list(shown(metrics, logs).items()) == [("distillation", 3.0), ("a", 0.5), ("b", 3.0)]
        assert shown(metrics, logs, "val_") == {"distillation": None, "a": None, "b": 4.0}

    @pytest.mark.parametrize("tasks", [2, MOST_TASKS + 1])
    def test_the_change_over_single_task_models_where_it_is_logged(self, tasks):
        metrics, logs = many(tasks)
        logs["val_delta_mtl"] = -2.0
        assert shown(metrics, logs)["delta_mtl"] is None
        assert list(shown(metrics, logs, "val_").items())[-1] == ("delta_mtl", -2.0)

    def test_as_many_as_fit_are_single(self):
        assert len(shown(*many(MOST_TASKS))) == MOST_TASKS

    def test_many_are_summed_up_metric_by_metric(self):
        metrics, logs = many(MOST_TASKS)
        others, theirs = many(MOST_TASKS + 2, "mae", start=MOST_TASKS)
        third = {"last": ["mse"]}
        both = {**metrics, **third, **others}
        logs = {**logs, **theirs, "last_mse": 5.0}
        assert shown(both, logs) == {
            "mean mae": pytest.approx(0.45),
            "min mae": 0.0,
            "max mae": 0.9,
            "mean accuracy": pytest.approx(7 / 16),
            "min accuracy": 0.0,
            "max accuracy": 7 / 8,
        }
        assert shown(both, logs, "val_")["max mae"] == 1.9

    def test_tasks_without_labels_do_not_hide_others(self):
        metrics, logs = many(MOST_TASKS + 1)
        logs["t0_accuracy"] = np.nan
        found = shown(metrics, logs)
        assert found["min accuracy"] == 1 / 9
        assert found["mean accuracy"] == pytest.approx(4.5 / 9)
        assert np.isnan(shown(metrics, dict.fromkeys(logs, np.nan))["max accuracy"])

    def test_a_distance_that_is_not_finite_is_seen(self):
        logs = {"a_loss": 1.0, "a_distillation_loss": np.nan, "b_distillation_loss": 1.0}
        assert np.isnan(Column("", ["a_distillation_loss", "b_distillation_loss"]).value(logs))

    def test_vectors_are_averaged(self):
        assert Column("", ["a"]).value({"a": np.array([1.0, 2.0])}) == 1.5


class TestExplanation:
    def test_metrics_and_their_tasks(self):
        wanted = candidates(["a", "b", "c"], {"a": "mae", "c": "mae"})
        logs = {"a_mae": 0.0, "b_loss": 0.0, "c_mae": 0.0}
        assert explanation(scores_in(logs, wanted)) == "Scores: mae of a, c; loss of b."

    def test_of_many_tasks(self):
        metrics, logs = many(MOST_TASKS + 1)
        told = explanation(scores_in(logs, candidates(list(metrics), metrics)))
        assert told == "Scores: accuracy of 9 tasks. Those of all 9 tasks are in the logs."


class TestLine:
    logs = {  # noqa: RUF012
        "a_accuracy": 0.5,
        "a_distillation_loss": 2.0,
        "a_loss": 1.0,
        "accuracy": 0.6,
        "loss": 3.0,
        "val_accuracy": 0.7,
        "val_loss": 4.0,
        "val_delta_mtl": -1.0,
        "stage": 0.0,
    }

    def test_of_several_tasks_the_loss(self):
        wanted = candidates(["a", "b"], {"a": "accuracy"})
        assert list(in_line(self.logs, wanted).items()) == [("loss", 3.0), ("val_loss", 4.0)]

    def test_of_one_task_the_score_too(self):
        found = in_line(self.logs, candidates(["a"], {"a": "accuracy"}))
        assert list(found) == [
            "loss",
            "a_distillation_loss",
            "accuracy",
            "val_loss",
            "val_accuracy",
            "val_delta_mtl",
        ]

    def test_of_one_task_without_metrics_its_loss_is_there_once(self):
        assert list(in_line({"loss": 1.0, "a_loss": 1.0}, candidates(["a"]))) == ["loss"]
