"""What all methods of a comparison share."""

import re

import pytest

from keras_mtkd.experiments import Settings
from keras_mtkd.teachers.fitting import DECAYS


def test_unknown_decay():
    with pytest.raises(ValueError, match="`adaptor_decay` must be one of"):
        Settings(adaptor_decay="steep")


@pytest.mark.parametrize(
    "name", ["epochs", "learning_rate", "adaptor_learning_rate", "temperature"]
)
@pytest.mark.parametrize("value", [0, -1.0, float("nan")])
def test_what_is_not_positive_is_refused_by_its_name(name, value):
    with pytest.raises(ValueError, match=rf"^`{name}` must be positive. Received: {value}\.$"):
        Settings(**{name: value})


@pytest.mark.parametrize("decay", DECAYS)
def test_every_decay_is_one_for_both_rates(decay):
    settings = Settings(decay=decay, adaptor_decay=decay)
    assert settings.decay == settings.adaptor_decay == decay


def test_a_decay_that_is_none_is_told_with_all_that_are():
    names = re.escape(repr(tuple(DECAYS)))
    with pytest.raises(ValueError, match=f"`decay` must be one of {names}.*'steep'"):
        Settings(decay="steep")


def test_weights_of_tasks_are_conditions_where_there_are_any():
    """Earlier versions kept none."""
    assert "task_weights" not in Settings().as_conditions()
    assert Settings(task_weights={}).as_conditions() == Settings().as_conditions()
    assert Settings(task_weights={"a": 0.5}).as_conditions()["task_weights"] == {"a": 0.5}
    with pytest.raises(ValueError, match="must not be negative. Received: -1.0 for 'a'"):
        Settings(task_weights={"a": -1.0})
