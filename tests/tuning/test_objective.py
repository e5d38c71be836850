"""Objectives know which way is better before the search begins."""

import pytest
from problems import tiny_problem

from keras_mtkd.tuning import objective

keras_tuner = pytest.importorskip("keras_tuner")


@pytest.mark.parametrize(
    "name, direction",
    [
        ("val_delta_mtl", "max"),
        ("val_loss", "min"),
        ("val_a_loss", "min"),
        ("val_a_accuracy", "max"),
        ("val_b_mae", "min"),
        ("b_mae", "min"),
    ],
)
def test_known_directions(name, direction):
    found = objective(name, tasks=tiny_problem().tasks)
    assert isinstance(found, keras_tuner.Objective)
    assert (found.name, found.direction) == (name, direction)


def test_a_given_direction():
    assert objective("val_b_r2", "max").direction == "max"
    assert objective().name == "val_delta_mtl"


def test_unknown_directions():
    tasks = tiny_problem().tasks
    with pytest.raises(ValueError, match="not known which way 'val_b_r2' is better.*val_b_mae"):
        objective("val_b_r2", tasks=tasks)
    with pytest.raises(ValueError, match="Received: direction='up'"):
        objective("val_loss", "up")
