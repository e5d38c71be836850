"""The house is as its picture and its rules say."""

import importlib.util
import re

import documents
import pytest

PACKAGE = documents.ROOT / "keras_mtkd"
# A module `keras_mtkd.room._module`, or a name `_name` out of a room.
_PRIVATE = re.compile(
    r"^\s*(?:from|import) keras_mtkd\.(\w+)(?:\.\w+)*(?:\._\w+| import (?:.*, )?_(?!_)\w+).*$",
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def draw_house():
    path = documents.ROOT / "benchmarks" / "draw_house.py"
    spec = importlib.util.spec_from_file_location("draw_house", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.extra("grimp")
def test_the_picture_is_up_to_date(draw_house):
    assert draw_house.PICTURE.read_text("utf-8") == draw_house.picture()


@pytest.mark.extra("grimp")
def test_the_root_holds_nothing_else(draw_house):
    files = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert files | rooms == {room for floor in draw_house.floors() for room in floor}
    assert files == {"__main__", "problem", "task"}


def test_no_room_uses_what_is_private_in_another():
    used = {
        f"{path.relative_to(PACKAGE)}: {found.group(0).strip()}"
        for path in PACKAGE.rglob("*.py")
        for found in _PRIVATE.finditer(path.read_text("utf-8"))
        if found.group(1) != path.relative_to(PACKAGE).parts[0]
    }
    assert used == set()
