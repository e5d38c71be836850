"""A word where a distance has no part in the gradient, and none where it has."""

import warnings

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.distillers.distillation_share import DistillationShare

FEATURES = mtkd.FeatureDistillation("features", tasks=["b"])


def compiled(ways=(FEATURES,), loss="mse", **settings):
    model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), list(ways), **settings)
    model.compile(keras.optimizers.SGD(1e-6), loss={**toy_losses(), "b": loss})
    return model


def words(model, logs):
    """What is said after an epoch with these means."""
    look = DistillationShare()
    look.set_model(model)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        look.on_epoch_end(0, {"a_loss": 1.0, **logs})
    return [str(word.message) for word in caught]


def tiny(weight):
    return [mtkd.FeatureDistillation("features", tasks=["b"], weight=weight)]


@pytest.mark.parametrize(
    ("settings", "label", "distance", "told"),
    [
        ({}, 1.0, 1.0, False),
        ({}, 2e6, 2.0, True),
        # What is almost learnt has a small gradient by right.
        ({}, 1.0, 1e-9, False),
        # Labels of a thousand, and an error that does not square.
        ({"loss": "mae"}, 1e3, 2.0, False),
        ({"loss": lambda y, p: (y - p) ** 2}, 2e6, 2.0, True),
        ({"ways": [mtkd.LogitDistillation(["b"])]}, 2e6, 1e6, False),
        ({"task_weights": {"b": 1e-3}}, 2e6, 2.0, False),
        # Off for now, as schedules turn tasks on and off.
        ({"task_weights": {"b": 0.0}}, 2e6, 2.0, True),
        ({"ways": tiny(1e-5)}, 1.0, 1e-5, True),
        ({"ways": tiny(0.0)}, 2e6, 0.0, False),
        ({}, 2e6, 0.0, False),
        ({}, np.nan, 2.0, False),
        ({}, 2e6, np.nan, False),
    ],
)
def test_by_the_means_of_an_epoch(settings, label, distance, told):
    model = compiled(**settings)
    found = words(model, {"b_loss": label, "b_distillation_loss": distance})
    assert bool(found) is told
    if told:
        assert "task 'b'" in found[0]
        assert "scales" in found[0]


def test_each_of_several_distances():
    ways = [*tiny(1e-6), mtkd.LogitDistillation(["b"])]
    logs = {
        "b_loss": 1.0,
        "b_distillation_loss": 1.0,
        "b_features_distillation_loss": 1.0,
        "b_logits_distillation_loss": 1.0,
    }
    (found,) = words(compiled(ways), logs)
    assert "distillation 'features'" in found


def test_once_in_fit():
    model = compiled()
    x, y = toy_data()
    y["b"] *= 1e4
    with pytest.warns(UserWarning, match=r"task 'b' and distillation 'features' are on different"):
        model.fit(x, y, batch_size=len(x), verbose=0)
    model.fit(x, y, batch_size=len(x), verbose=0)
