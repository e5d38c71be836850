import keras
import numpy as np
import pytest
from helpers import toy_losses, toy_model
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd.experiments import Settings, recipe
from keras_mtkd.experiments.methods import METHODS


def test_published_settings_of_nyuv2():
    settings = recipe("nyuv2")
    assert (settings.epochs, settings.learning_rate, settings.decay) == (200, 1e-4, "half")
    assert (settings.adaptor_learning_rate, settings.adaptor_decay) == (1e-1, "constant")
    assert settings.weight == {"semantic": 1.0, "depth": 1.0, "normal": 2.0}
    assert settings.adaptor_weight_decay == 5e-4
    assert recipe("something else") == Settings()


def test_the_penalty_of_adaptors_is_half_the_decay_times_their_squares():
    problem = tiny_problem()
    (way,) = METHODS["mtlkd"].distillation(problem, Settings(adaptor_weight_decay=0.5))
    teachers = {"a": toy_model(("a",)), "b": toy_model(("b",))}
    losses = []
    for ways in ([way], [mtkd.FeatureDistillation("features", weight=way.weight)]):
        keras.utils.set_random_seed(0)
        model = mtkd.MultiTaskDistiller(toy_model(), teachers, ways)
        model.compile(keras.optimizers.SGD(0.0), loss=toy_losses())
        x = np.ones((4, 6), "float32")
        y = {"a": np.zeros(4, "int32"), "b": np.zeros((4, 1), "float32")}
        losses.append(model.train_on_batch(x, y, return_dict=True)["loss"])
        squares = sum(float((np.array(a.kernel) ** 2).sum()) for a in model.adaptors.values())
    assert losses[0] - losses[1] == pytest.approx(0.25 * squares, rel=1e-4)
    revived = mtkd.FeatureDistillation.from_config(way.get_config())
    assert revived.get_config() == way.get_config()


def test_unknown_decay():
    with pytest.raises(ValueError, match="`adaptor_decay` must be one of"):
        Settings(adaptor_decay="steep")
