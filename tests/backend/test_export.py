"""Public names: recorded where they are made, and registered where they can be saved."""

import keras
import pytest

from keras_mtkd._backend import export


@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch):
    monkeypatch.setattr(export, "PUBLIC_NAMES", {})
    known = keras.saving.get_custom_objects()
    before = dict(known)
    yield
    known.clear()
    known.update(before)


def makes(name, **members):
    return type(name, (), members)


def test_an_object_is_recorded_under_its_name_and_given_back():
    thing = object()
    assert export.mtkd_export("keras_mtkd.room.thing")(thing) is thing
    assert {"keras_mtkd.room.thing": thing} == export.PUBLIC_NAMES


def test_a_class_is_registered_for_saving_if_it_has_a_config():
    saved = makes("SavedInATest", get_config=lambda self: {})
    plain = makes("PlainInATest")
    for kind in (saved, plain):
        assert export.mtkd_export(f"keras_mtkd.{kind.__name__}")(kind) is kind
    assert keras.saving.get_registered_object("keras_mtkd>SavedInATest") is saved
    assert keras.saving.get_registered_object("keras_mtkd>PlainInATest") is None


def test_what_is_not_public_is_registered_and_not_recorded():
    kind = export.mtkd_saved(makes("HiddenInATest", get_config=lambda self: {}))
    assert keras.saving.get_registered_name(kind) == "keras_mtkd>HiddenInATest"
    assert export.PUBLIC_NAMES == {}


def test_files_find_a_class_by_its_old_name_and_are_written_with_the_new_one():
    kind = export.mtkd_saved(makes("NewInATest", get_config=lambda self: {}))
    assert export.saved_before_as("OldInATest")(kind) is kind
    assert keras.saving.get_registered_object("keras_mtkd>OldInATest") is kind
    assert keras.saving.get_registered_name(kind) == "keras_mtkd>NewInATest"
