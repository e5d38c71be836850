"""A batch that the devices of JAX cannot share."""

import keras
import pytest

import keras_mtkd as mtkd
from keras_mtkd.distribution.even_batches import EvenBatches


class IndivisibleError(ValueError):
    """Called as JAX calls its own, which has no public name."""


class Stopped(keras.Model):
    """Fails with the error that it is given."""

    def fit(self, error):
        raise error

    evaluate = predict = fit


class Told(EvenBatches, Stopped):
    pass


@pytest.mark.parametrize("how", ["fit", "evaluate", "predict"])
def test_is_told_in_words(how):
    with pytest.raises(ValueError, match=r"cannot be divided evenly.*drop_remainder.*9 by 2"):
        getattr(Told(), how)(IndivisibleError("9 by 2"))
    with pytest.raises(ValueError, match="^of another kind$"):
        getattr(Told(), how)(ValueError("of another kind"))


def test_by_all_that_train_a_student():
    assert issubclass(mtkd.MultiTaskDistiller, EvenBatches)
    assert issubclass(mtkd.OnlineKD, EvenBatches)
