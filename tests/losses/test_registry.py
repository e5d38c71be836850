"""Distances by name."""

import keras
import pytest

from keras_mtkd import losses
from keras_mtkd.losses import _registry
from keras_mtkd.losses._registry import DISTANCES as REGISTERED


def test_a_distance_enters_itself(monkeypatch):
    monkeypatch.setattr(_registry, "DISTANCES", {})

    class Mine(keras.losses.Loss):
        pass

    assert _registry.register("mine")(Mine) is Mine
    assert {"mine": Mine} == _registry.DISTANCES


def test_distances_are_known_by_name():
    assert {"normalized_l2", "cka", "log_sum", "relational", "logit_kl"} <= REGISTERED.keys()
    for name, kind in REGISTERED.items():
        assert type(losses.get(name)) is kind
        assert getattr(losses, kind.__name__) is kind


def test_names_are_none_of_keras():
    """A loss of Keras that is asked for by its name must be that."""
    for name in REGISTERED:
        with pytest.raises(ValueError, match="Could not interpret loss identifier"):
            keras.losses.get(name)
