"""Names that a room no longer has: what became of them is told, other names fail as ever."""

import types

import pytest

from keras_mtkd._backend.renamed import renamed_names


@pytest.fixture
def room():
    module = types.ModuleType("house.room")
    module.here = 1
    module.__getattr__ = renamed_names("house.room", {"old": "It is called `new` since 0.2."})
    return module


def test_an_old_name_tells_what_became_of_it(room):
    with pytest.raises(AttributeError, match=r"^`house\.room\.old` .*: It is called `new` since 0"):
        _ = room.old


def test_any_other_name_fails_as_python_fails(room):
    with pytest.raises(AttributeError, match=r"^module 'house\.room' has no attribute 'odd'$"):
        _ = room.odd


def test_what_is_there_is_found_and_what_is_not_is_not(room):
    assert room.here == 1
    assert not hasattr(room, "old")
    assert getattr(room, "odd", 2) == 2
