"""The space, as dimensions of Keras Tuner."""

import pytest
from problems import tiny_problem

from keras_mtkd.tuning import search_space
from keras_mtkd.tuning.hyper_parameters import HyperParameterSuggest

keras_tuner = pytest.importorskip("keras_tuner")

SCHEDULED = {"threshold", "mode", "stages", "last_start"}


class TestHyperParameters:
    def test_ranges(self):
        hp = keras_tuner.HyperParameters()
        choices = search_space(
            HyperParameterSuggest(hp),
            tiny_problem(),
            {"width": lambda suggest, problem: suggest.suggest_int("width", 2, 9)},
        )
        found = {each.name: each for each in hp.space}
        rate = found["learning_rate"]
        assert (rate.min_value, rate.max_value, rate.sampling) == (3e-4, 3e-2, "log")
        assert found["threshold"].sampling == "linear"
        assert found["mode"].values == ["cumulative", "strict", "exclusive", "cycle"]
        assert (found["width"].min_value, found["width"].max_value) == (2, 9)
        assert choices["width"] == 2
        assert {"weight_a", "weight_b", *SCHEDULED} <= set(found)

    def test_values_of_a_trial(self):
        hp = keras_tuner.HyperParameters()
        hp.values = {"weight_a": 7.0, "schedule": "none"}
        choices = search_space(HyperParameterSuggest(hp), tiny_problem())
        assert choices["weight"] == {"a": 7.0, "b": 0.3}
        assert "mode" not in choices
