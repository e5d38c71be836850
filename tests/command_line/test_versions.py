"""Versions and backend without importing Keras: the same as it tells itself."""

import json
from importlib import metadata

import keras
import pytest

from keras_mtkd.command_line import versions


def test_it_is_what_keras_says(monkeypatch):
    assert versions.keras_version() == keras.__version__
    assert versions.backend() == keras.backend.backend()
    assert versions.sentence().endswith(f"(Keras {keras.__version__}, {keras.backend.backend()})")


@pytest.mark.parametrize(
    ("settings", "variable", "expected"),
    [
        (None, None, "tensorflow"),
        ({"backend": "jax"}, None, "jax"),
        ({"backend": "jax"}, "", "jax"),
        ({"backend": "jax"}, "torch", "torch"),
        ({"floatx": "float32"}, None, "tensorflow"),
        ("not JSON", None, "tensorflow"),
    ],
)
def test_the_backend_is_found_as_keras_finds_it(
    tmp_path, monkeypatch, settings, variable, expected
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    if settings is not None:
        text = settings if isinstance(settings, str) else json.dumps(settings)
        (tmp_path / "keras.json").write_text(text)
    monkeypatch.delenv("KERAS_BACKEND")
    if variable is not None:
        monkeypatch.setenv("KERAS_BACKEND", variable)
    assert versions.backend() == expected


@pytest.mark.parametrize(
    ("installed", "expected"),
    [({"keras-nightly": "3.16.0.dev1"}, "3.16.0.dev1"), ({}, "not installed")],
)
def test_a_nightly_build_has_another_name(monkeypatch, installed, expected):
    def version(name):
        if name not in installed:
            raise metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(metadata, "version", version)
    assert versions.keras_version() == expected
