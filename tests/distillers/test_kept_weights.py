"""Loops that do not come to their end leave all weights with the models."""

import keras
import numpy as np
import pytest
from helpers import snapshot, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd


def distiller():
    keras.utils.set_random_seed(0)
    model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), [mtkd.LogitDistillation()])
    model.compile("sgd", loss=toy_losses(), metrics={"a": ["accuracy"], "b": ["mae"]})
    return model


@pytest.mark.parametrize("act", ["evaluate", "predict", "fit"])
@pytest.mark.parametrize("built", [False, True])
def test_a_step_that_fails_takes_no_weights_along(act, built):
    x, y = toy_data()
    model = distiller()
    if built:
        model.fit(x, y, verbose=0)
    models = [model.student, *model.teachers.values()]
    before = [snapshot(one) for one in models]
    with pytest.raises(Exception, match=r"shape|dimension|Matrix|Incompatible"):
        getattr(model, act)(x[:, :5], *([] if act == "predict" else [y]), verbose=0)
    for one, weights in zip(models, before, strict=True):
        for value, old in zip(snapshot(one), weights, strict=True):
            np.testing.assert_array_equal(value, old)
    model.fit(x, y, verbose=0)


class Interrupt(keras.callbacks.Callback):
    def on_test_batch_end(self, batch, logs=None):
        raise KeyboardInterrupt

    on_predict_batch_end = on_test_batch_end


@pytest.mark.parametrize("act", ["evaluate", "predict"])
def test_an_interrupted_loop_takes_no_weights_along(act):
    x, y = toy_data()
    model = distiller()
    before = snapshot(model.student)
    with pytest.raises(KeyboardInterrupt):
        getattr(model, act)(
            x, *([] if act == "predict" else [y]), batch_size=8, verbose=0, callbacks=[Interrupt()]
        )
    for value, old in zip(snapshot(model.student), before, strict=True):
        np.testing.assert_array_equal(value, old)
