"""What the machine at hand decides."""

import keras
import pytest
from helpers import BACKEND

from keras_mtkd._backend import device


@pytest.mark.parametrize(
    ("devices", "found"),
    [
        (["cpu:0", "cpu:1"], False),
        (["CPU:0"], False),
        (["gpu:0", "cpu:0"], True),
        (["tpu:0"], True),
    ],
    ids=str,
)
def test_an_accelerator_is_what_the_backend_names_first(devices, found, monkeypatch):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: devices)
    assert device.has_accelerator.__wrapped__() is found


@pytest.mark.parametrize("accelerator", [True, False])
def test_xla_is_off_on_processors_where_tensorflow_runs_and_the_user_leaves_the_choice(
    accelerator, monkeypatch
):
    monkeypatch.setattr(device, "has_accelerator", lambda: accelerator)
    left = accelerator or BACKEND != "tensorflow"
    assert device.best_jit_compile("auto") == ("auto" if left else False)


@pytest.mark.parametrize("chosen", [True, False])
def test_what_the_user_chose_stays(chosen):
    assert device.best_jit_compile(chosen) is chosen
