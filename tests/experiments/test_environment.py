"""Versions and machine, and nobody's name."""

import getpass
import os
import platform
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import keras_mtkd
from keras_mtkd.experiments import environment as module
from keras_mtkd.experiments.environment import environment


def test_versions_are_those_that_run():
    found = environment()
    assert found["keras_mtkd"] == keras_mtkd.__version__
    assert found["Keras"] == keras.__version__
    assert found["NumPy"] == np.__version__
    assert found["Python"] == platform.python_version()
    name, version = found["backend"].split()
    assert name == keras.backend.backend()
    assert version[0].isdigit()
    assert f"{os.cpu_count()} cores" in found["processor"]


def test_nothing_names_a_user_or_a_host(monkeypatch):
    monkeypatch.setattr(platform, "node", lambda: "somebodys-computer")
    text = " ".join(environment().values())
    assert "somebodys-computer" not in text
    assert os.path.expanduser("~") not in text
    assert getpass.getuser() not in text.split()


def test_devices_are_counted_by_kind(monkeypatch):
    devices = ["gpu:0", "gpu:1", "cpu:0"]
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: devices)
    assert environment()["devices"] == "2 × gpu, 1 × cpu"


@pytest.mark.parametrize(
    ("told", "processor"),
    [
        ("vendor: X\nmodel name\t: Fast 9000 CPU\nmodel name\t: Other\n", "Fast 9000 CPU"),
        (None, "m1"),
    ],
)
def test_the_processor_is_the_model_where_linux_tells_it(told, processor, monkeypatch):
    file = SimpleNamespace(exists=lambda: told is not None, read_text=lambda encoding: told)
    monkeypatch.setattr(module, "Path", lambda path: file)
    monkeypatch.setattr(platform, "machine", lambda: "m1")
    assert environment()["processor"].startswith(f"{processor}, ")
