import dataclasses

import keras
from problems import tiny_problem

from keras_mtkd.experiments import Settings
from keras_mtkd.experiments.trainings import Trainings


def test_comparisons_count_metrics_and_the_data_that_they_are_scored_on():
    def conditions(split="test", shift=0.0, metric="mae", score=None):
        problem = tiny_problem()
        problem.test.y["b"] = problem.test.y["b"] + shift
        task = problem.tasks["b"]
        problem.tasks["b"] = dataclasses.replace(task, metrics=[metric, "mape"], score=score)
        return Trainings(problem, (), Settings(), split, None).conditions

    base = conditions()
    assert conditions() == conditions(score="mape") == base
    wide, narrow = (keras.metrics.MeanSquaredError("mse", dtype) for dtype in (None, "float16"))
    changed = {"data": {"shift": 1.0}, "metrics": {"metric": "mse"}}
    for name, change in changed.items():
        assert {key for key, value in conditions(**change).items() if value != base[key]} == {name}
    assert conditions(metric=wide)["metrics"] != conditions(metric=narrow)["metrics"]
    assert conditions("validation", shift=1.0) == conditions("validation")


def test_scores_of_probabilities_that_an_earlier_version_read_off_logits_are_others():
    def measured(metric, from_logits):
        problem = tiny_problem()
        loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)
        problem.tasks["b"] = dataclasses.replace(
            problem.tasks["b"], loss=loss, metrics=[metric], score=None, higher_is_better=True
        )
        return Trainings(problem, (), Settings(), "test", None).conditions["metrics"]["b"]

    by_threshold = keras.metrics.BinaryAccuracy(threshold=0.0)
    assert measured("accuracy", True) != measured("accuracy", False)
    assert measured(by_threshold, True) != measured(by_threshold, False)
    assert measured("mae", True) == measured("mae", False)
