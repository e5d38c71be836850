"""The picture of the house shows the imports as they are."""

import sys

import documents
import pytest

sys.path.insert(0, str(documents.ROOT / "benchmarks"))


@pytest.mark.extra("grimp")
def test_the_picture_is_up_to_date():
    import draw_house

    assert draw_house.PICTURE.read_text("utf-8") == draw_house.picture()


@pytest.mark.extra("grimp")
def test_the_root_holds_nothing_else():
    import draw_house

    package = documents.ROOT / "keras_mtkd"
    files = {path.stem for path in package.glob("*.py")} - {"__init__"}
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    assert files | rooms == {room for floor in draw_house.floors() for room in floor}
    assert files == {"__main__", "problem", "task"}
