"""Packages that are missing are named before anything begins."""

import sys

import pytest

from keras_mtkd.command_line.needed import check_packages


def test_all_is_here():
    check_packages()


@pytest.mark.parametrize(
    ("module", "backend", "extra"),
    [("pandas", "jax", "cli"), ("jax", "jax", "jax"), ("tensorflow", "tensorflow", "tensorflow")],
)
def test_what_is_missing_is_named_with_its_extra(monkeypatch, module, backend, extra):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"needs {module}, .* extra '{extra}' .*pip install"):
        check_packages()


def test_a_backend_that_is_not_used_may_be_missing(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    check_packages()
