"""A batch that the devices of JAX cannot share."""

import pytest
from helpers import toy_data, toy_losses, toy_model

import keras_mtkd as mtkd


class IndivisibleError(ValueError):
    """Called as JAX calls its own, which has no public name."""


@pytest.mark.parametrize("how", ["fit", "evaluate", "predict"])
@pytest.mark.parametrize("other", [False, True])
def test_is_told_in_words(how, other, monkeypatch):
    def stopped(*args, **kwargs):
        raise ValueError("of another kind") if other else IndivisibleError("9 by 2")

    model = mtkd.MultiTaskDistiller(toy_model(), {})
    model.compile("sgd", loss=toy_losses())
    for base in type(model).__mro__:
        if how in vars(base) and base.__module__.startswith("keras.src.backend"):
            monkeypatch.setattr(base, how, stopped)
    said = "^of another kind" if other else "cannot be divided evenly.*drop_remainder.*9 by 2"
    with pytest.raises(ValueError, match=said):
        getattr(model, how)(*(toy_data() if how != "predict" else toy_data()[:1]))
