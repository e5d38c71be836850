"""Packages that may be missing."""

import json
import sys

import pytest

from keras_mtkd._backend.optional import require


def test_what_is_installed_is_imported():
    assert require("json", "cli") is json


@pytest.mark.parametrize("module", ["pandas", "pandas.core"])
def test_what_is_missing_is_told_with_the_command_that_installs_it(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"needs pandas, .*`pip install 'keras-mtkd\[cli\]'`"):
        require(module, "cli")
