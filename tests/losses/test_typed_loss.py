"""Losses whose config tells their dtype."""

import keras
import pytest

from keras_mtkd.losses._typed_loss import TypedLoss


@pytest.fixture(params=["float32", "float16", "float64"])
def floatx(request):
    keras.config.set_floatx(request.param)
    yield request.param
    keras.config.set_floatx("float32")


def test_single_precision_unless_all_is_double(floatx):
    expected = "float64" if floatx == "float64" else "float32"
    loss = TypedLoss("mine")
    assert loss.dtype == expected
    assert loss.get_config() == {"name": "mine", "reduction": "sum_over_batch_size"}


def test_mixed_precision_changes_nothing():
    keras.config.set_dtype_policy("mixed_float16")
    assert TypedLoss().dtype == "float32"


def test_another_dtype_is_in_the_config_and_comes_back():
    config = TypedLoss("mine", "sum", "float16").get_config()
    assert config == {"name": "mine", "reduction": "sum", "dtype": "float16"}
    assert TypedLoss(**config).dtype == "float16"
