"""Fingerprints are the same in every release of Keras and on every backend."""

import json
from pathlib import Path

import pytest
from keras_releases import rows

from keras_mtkd._backend.keras_compat import RELEASE
from keras_mtkd._storage import fingerprint
from keras_mtkd.teachers import fingerprint_before

RECORDED = json.loads(
    Path(__file__).with_name("fixtures").joinpath("fingerprints.json").read_text()
)
# Keras 3.16 says so of every recurrent layer that ends a masked sequence.
pytestmark = pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")


def test_are_those_that_keras_3_15_1_gave():
    found = rows.told(fingerprint.architecture, fingerprint.objective, fingerprint.digest)
    by_code = found["losses"].pop(rows.BY_CODE)
    assert by_code not in found["losses"].values()
    assert found == RECORDED["now"]


def test_the_first_ones_are_made_again():
    found = rows.told(
        fingerprint_before.architecture, fingerprint_before.objective, fingerprint.digest
    )
    lost = (*rows.MASKED, *rows.UNTOLD) if RELEASE >= (3, 16) else ()
    differing = {
        name
        for kind, known in RECORDED["before"].items()
        for name, hashed in known.items()
        if found[kind][name] != hashed
    }
    assert differing == set(lost)


def test_every_row_is_told_from_the_others():
    for known in RECORDED["now"].values():
        assert len(set(known.values())) == len(known)
