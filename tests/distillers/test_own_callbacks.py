"""Callbacks that `fit` adds to those of the user."""

import keras
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.distillers.own_callbacks import with_own

Own = type("Own", (keras.callbacks.Callback,), {})


def test_before_or_behind_the_users():
    model, own, mine = toy_model(), Own(), keras.callbacks.Callback()
    for given, others in ((None, []), (mine, [mine]), ([mine], [mine]), ((mine, mine), [mine] * 2)):
        assert with_own(own, given, model) == [own, *others]
        assert with_own(own, given, model, last=True) == [*others, own]


def test_in_a_list_of_callbacks_that_is_used_again():
    model, mine = toy_model(), keras.callbacks.Callback()
    given = keras.callbacks.CallbackList([mine])
    for last in (False, True):
        own = Own()
        assert with_own(own, given, model, last) is given
        assert given.callbacks == ([mine, own] if last else [own, mine])
        assert own.model is model


@pytest.mark.parametrize("kind", ["distiller", "weighted", "online"])
def test_fit_takes_a_list_of_callbacks(kind):
    epochs = []
    mine = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    ways = [mtkd.FeatureDistillation("features")]
    if kind == "online":
        model = mtkd.OnlineKD(toy_model(), toy_teachers(), ways, warmup=0)
    else:
        balancing = "dwa" if kind == "weighted" else None
        model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ways, balancing=balancing)
    model.compile("sgd", loss=toy_losses())
    given = keras.callbacks.CallbackList([mine], add_history=True, model=model)
    for _ in range(2):
        model.fit(*toy_data(), batch_size=48, epochs=2, verbose=0, callbacks=given)
    assert epochs == [0, 1, 0, 1]
    assert len({type(each) for each in given.callbacks}) == len(given.callbacks)
