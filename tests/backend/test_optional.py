"""Packages that may be missing."""

import json
import sys

import pytest

from keras_mtkd._backend import optional
from keras_mtkd._backend.optional import check_installed, require


def test_what_is_installed_is_imported():
    assert require("json", "cli") is json


@pytest.mark.parametrize("module", ["pandas", "pandas.core"])
def test_what_is_missing_is_told_with_the_command_that_installs_it(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        ImportError, match=r"needs pandas, .* extra 'cli' .*`pip install .*'pandas>=[\d.]+'"
    ):
        require(module, "cli")


def test_looking_for_a_package_does_not_import_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "antigravity", raising=False)
    check_installed("antigravity", "cli")
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("name", ["no_package_of_this_name", "pandas"])
def test_what_is_not_found_is_told_likewise(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=rf"needs {name}, .*`pip install .*'pandas>=[\d.]+'"):
        check_installed(name, "cli")


def test_without_an_installation_the_checkout_brings_it(monkeypatch):
    def unknown(name):
        raise optional.PackageNotFoundError

    monkeypatch.setattr(optional, "requires", unknown)
    assert optional._packages("cli") == [".[cli]"]
