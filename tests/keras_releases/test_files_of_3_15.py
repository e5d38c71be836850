"""Files and folders that Keras 3.15.1 wrote, in the release at hand."""

import contextlib
import json
import shutil
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from helpers import BACKEND
from keras_releases import kept

FIXTURES = Path(__file__).with_name("fixtures")
EXPECTED = json.loads((FIXTURES / f"expected_{BACKEND}.json").read_text())["cases"]
# What would make anew what is there.
MAKERS = (
    "keras_mtkd.teachers.train._train",
    "keras_mtkd.teachers.caching._fill",
    "keras_mtkd.experiments.method.Method.train",
)
# Keras 3.16 says what the files of 3.15 say of dropout, where the package takes it out.
pytestmark = pytest.mark.filterwarnings("ignore:The graph of the")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    shutil.unpack_archive(FIXTURES / "files.zip", folder)
    return folder


def same(found, expected, path=""):
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), path
        for name, value in expected.items():
            same(found[name], value, f"{path} {name}")
    else:
        # What a new trial scores in percent hangs on rounding.
        tolerance = 1e-2 if path == " new" else 1e-5
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=1e-6, err_msg=path)


@pytest.mark.parametrize("case", kept.CASES)
def test_is_taken_and_goes_on_as_it_did(case, files, tmp_path):
    if case == "search":
        pytest.importorskip("keras_tuner")
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)

    def refuse(*args, **kwargs):
        raise AssertionError("made anew")

    with contextlib.ExitStack() as stack:
        for maker in MAKERS:
            stack.enter_context(mock.patch(maker, refuse))
        same(kept.run(case, tmp_path), EXPECTED[case])
