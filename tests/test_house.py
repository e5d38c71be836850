"""The house is as its picture and its rules say."""

import ast
import importlib.util
import re
from pathlib import Path

import documents
import pytest
from attributes import is_own, own_attributes, private_attributes, spelt

PACKAGE = documents.ROOT / "keras_mtkd"
# A module `keras_mtkd.room._module`, or a name `_name` out of a room.
_PRIVATE = re.compile(
    r"^\s*(?:from|import) keras_mtkd\.(\w+)(?:\.\w+)*(?:\._\w+| import (?:.*, )?_(?!_)\w+).*$",
    re.MULTILINE,
)
# It alone reads what is private in Keras, see `tests/backend/test_private_names.py`.
_OF_KERAS = PACKAGE / "_backend" / "keras_compat.py"
# Nothing public of TensorFlow tells these.
_OF_TENSORFLOW = {
    "distribution/multi_worker.py: _in_multi_worker_mode",
    "tuning/traced_gradients.py: _registry",
}


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


def foreign(files):
    """Private attributes of objects that are of another room, `"file: attribute"`.

    Args:
        files: `{path from the package: nodes}`.
    """
    own = {}
    for path, nodes in files.items():
        own.setdefault(path.parts[0], set()).update(own_attributes(nodes))
    return {
        f"{path.as_posix()}: {name}"
        for path, nodes in files.items()
        for name in [
            *(node.attr for node in private_attributes(nodes) if not is_own(node)),
            *(name for _, name in spelt(nodes) if re.match("_[^_]", name)),
        ]
        if name not in own[path.parts[0]]
    }


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("model._balancer.names", True),
        ("self.model._balancer", True),
        ("model._balancer = None", True),
        ("getattr(model, '_balancer', None)", True),
        ("model.balancer, model.__dict__, self._balancer, super()._balancer()", False),
        ("class Model:\n    _balancer = None\nmodel._balancer", False),
        ("class Model:\n    def _balancer(self): ...\nmodel._balancer()", False),
        ("class Model:\n    def __init__(self): self._balancer = 0\nmodel._balancer", False),
    ],
)
def test_the_walk_finds_what_is_private_in_others(source, found):
    nodes = list(ast.walk(ast.parse(source)))
    elsewhere = list(ast.walk(ast.parse("class Other:\n    _balancer = None")))
    files = {Path("here/file.py"): nodes, Path("there/file.py"): elsewhere}
    assert foreign(files) == ({"here/file.py: _balancer"} if found else set())


def test_no_room_reads_private_attributes_of_another():
    files = {
        path.relative_to(PACKAGE): list(ast.walk(ast.parse(path.read_text("utf-8"))))
        for path in PACKAGE.rglob("*.py")
        if path != _OF_KERAS
    }
    assert foreign(files) == _OF_TENSORFLOW
