import keras
import pytest

from keras_mtkd.tuning.global_settings import GlobalSettings


@pytest.fixture(autouse=True)
def _distribution_of_others():
    yield
    keras.distribution.set_distribution(None)


def test_the_policy_outlives_the_session():
    keras.config.set_dtype_policy("mixed_bfloat16")
    settings = GlobalSettings()
    keras.utils.clear_session()
    assert keras.config.dtype_policy().name == "float32"
    settings.restore()
    assert keras.config.dtype_policy().name == "mixed_bfloat16"


def test_the_distribution_outlives_the_session():
    devices = keras.distribution.list_devices()[:1]
    mine = keras.distribution.DataParallel(devices=devices)
    keras.distribution.set_distribution(mine)
    settings = GlobalSettings()
    keras.utils.clear_session()
    assert keras.distribution.distribution() is None
    settings.restore()
    assert keras.distribution.distribution() is mine


def test_where_nothing_was_set_nothing_is():
    settings = GlobalSettings()
    keras.config.set_dtype_policy("mixed_bfloat16")
    settings.restore()
    assert keras.config.dtype_policy().name == "float32"
    assert keras.distribution.distribution() is None
