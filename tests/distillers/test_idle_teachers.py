import warnings

import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd


def test_a_word_for_teachers_that_teach_nothing():
    x, y = toy_data(samples=8)

    def fit(teachers, callbacks=None):
        model = mtkd.MultiTaskDistiller(toy_model(), teachers)
        model.compile("sgd", loss=toy_losses())
        model.fit(x, y, verbose=0, callbacks=callbacks)

    with pytest.warns(UserWarning, match=r"teachers of \['a', 'b'\] and no way of distilling"):
        fit(toy_teachers())
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="There are teachers")
        fit({})
        fit(toy_teachers(), [mtkd.callbacks.SimilarityGrouping(layer="features")])
