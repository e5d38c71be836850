"""Random numbers in saved files."""

import keras
import numpy as np
import pytest

from keras_mtkd.distillers.given import Given
from keras_mtkd.distillers.saved_seeds import SavedSeeds


class Dropping(SavedSeeds):
    def __init__(self):
        super().__init__()
        self.drop = keras.layers.Dropout(0.5, seed=1)
        self._given = Given({})
        self._seeds = [keras.random.SeedGenerator(2)]

    def compile(self, **arguments):
        super().compile(**arguments)
        self._given.compiled_with = arguments


class Named(dict):
    """As the stores of Keras: names, and no iteration of its own."""


def states(model):
    return [np.array(seed.state).tolist() for seed in model._all_seeds()]


def test_states_of_layers_and_losses_come_back():
    model, again, store = Dropping(), Dropping(), Named()
    for seed in model._all_seeds():
        seed.next()
    assert states(model) != states(again)
    model.save_own_variables(store)
    again.load_own_variables(store)
    assert states(again) == states(model)


def test_files_without_them_load():
    model = Dropping()
    before = states(model)
    model.load_own_variables(Named())
    assert states(model) == before
    assert len(before) == 2


def test_what_it_was_compiled_with_comes_back():
    model, again = Dropping(), Dropping()
    assert model.get_compile_config() == {}
    again.compile_from_config({})
    assert not again.compiled
    model.compile(optimizer=keras.optimizers.SGD(0.25), loss=keras.losses.Huber(delta=2.0))
    again.compile_from_config(model.get_compile_config())
    assert float(again.optimizer.learning_rate) == pytest.approx(0.25)
    # Beyond `delta` it is linear, and configs of Keras may leave that out.
    assert float(again.loss(np.zeros(1), np.full(1, 3.0))) == 2.0 * (3.0 - 1.0)
