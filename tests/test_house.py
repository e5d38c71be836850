"""The house is as its picture and its rules say."""

import ast
import importlib
import importlib.util
import inspect
import re
import statistics
from pathlib import Path

import documents
import pytest
from attributes import is_own, own_attributes, private_attributes, spelt

from keras_mtkd.balancing.registry import METHODS

PACKAGE = documents.ROOT / "keras_mtkd"
TESTS = documents.ROOT / "tests"
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


# In lines; ruff holds the budgets of statements, branches and complexity.
LONGEST_FILE, MEDIAN_FILE, LONGEST_FUNCTION = 350, 100, 60


def too_long(sources):
    """What is above its budget in `{name: source}`, `"name: lines"` or `"name, function: lines"`.

    Of functions the body counts, without the docstring.
    """
    found = []
    for name, source in sources.items():
        if (lines := len(source.splitlines())) > LONGEST_FILE:
            found.append(f"{name}: {lines}")
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            first, *rest = node.body
            documented = bool(rest) and ast.get_docstring(node) is not None
            lines = node.end_lineno - (first.end_lineno if documented else first.lineno - 1)
            if lines > LONGEST_FUNCTION:
                found.append(f"{name}, {node.name}: {lines}")
    return found


def function_of(lines):
    return "\n".join(["def f(x):", '    """Long,\n\n    but a docstring."""', *["    x"] * lines])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x\n" * 350, []),
        ("x\n" * 351, ["file.py: 351"]),
        (function_of(60), []),
        (function_of(61), ["file.py, f: 61"]),
        ("def f(x):\n" + "    x\n" * 61, ["file.py, f: 61"]),
    ],
)
def test_the_measure_finds_what_is_too_long(source, found):
    assert too_long({"file.py": source}) == found


def test_files_and_functions_are_within_their_budgets():
    sources = {
        path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8")
        for path in PACKAGE.rglob("*.py")
    }
    assert too_long(sources) == []
    assert statistics.median(len(each.splitlines()) for each in sources.values()) <= MEDIAN_FILE


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


# Modules without a test file of their own, and why. Of some there is nothing to test:
EXCEPTIONS = {
    "_backend/types.py": "names of types, which the type checker reads",
    "_backend/version.py": "one constant",
    "experiments/compared.py": "a protocol, which the type checker reads",
}
# The others are tested with their family, by a contract. A new module has its own file.
FAMILIES = {
    "balancing/test_method_contract.py": (
        "balancing/aggregation/cagrad.py",
        "balancing/aggregation/imgrad.py",
        "balancing/aggregation/imtl_g.py",
        "balancing/aggregation/sum.py",
        "balancing/aggregation/upgrad.py",
    ),
    "balancing/test_weighting_contract.py": (
        "balancing/loss_weighting/base.py",
        "balancing/loss_weighting/equal.py",
        "balancing/loss_weighting/imtl_l.py",
    ),
    "experiments/report/test_page.py": (
        "experiments/report/changes.py",
        "experiments/report/curves.py",
        "experiments/report/facts.py",
        "experiments/report/scheduling.py",
        "experiments/report/scores.py",
    ),
    "losses/test_contract.py": (
        "losses/binary_logit_kl.py",
        "losses/cka_loss.py",
        "losses/function_loss.py",
        "losses/log_sum_distance.py",
        "losses/logit_kl.py",
        "losses/normal_cosine.py",
        "losses/relational_distance.py",
    ),
}
# The classes and functions that a contract runs over, by the registry that it goes through.
RUNS_OVER = {
    "balancing/test_method_contract.py": lambda tests: [METHODS[name] for name in tests.METHODS],
    "balancing/test_weighting_contract.py": lambda tests: map(type, tests.METHODS.values()),
    "experiments/report/test_page.py": lambda tests: tests.page_module._SECTIONS,
    "losses/test_contract.py": lambda tests: [case.kind for case in tests.CASES],
}


def file_for(module):
    """`_room/_idea.py` is tested by `tests/room/test_idea.py`, `__main__.py` by `test_main.py`."""
    *rooms, name = module.removesuffix(".py").split("/")
    return TESTS.joinpath(*(room.strip("_") for room in rooms), f"test_{name.strip('_')}.py")


def modules_without_a_file():
    files = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    names = {path.relative_to(PACKAGE).as_posix() for path in files}
    assert len(names) > 250
    return {name for name in names if not file_for(name).exists()}


def test_every_module_has_a_test_file_or_is_tested_with_its_family():
    elsewhere = {module for family in FAMILIES.values() for module in family}
    missing = modules_without_a_file()
    assert missing - elsewhere - EXCEPTIONS.keys() == set()
    # Nor is a module listed that has a file, or is no longer there.
    assert elsewhere | EXCEPTIONS.keys() <= missing


@pytest.mark.parametrize("contract", FAMILIES)
def test_a_contract_runs_over_its_family(contract):
    assert (TESTS / contract).exists()
    tests = importlib.import_module(contract.removesuffix(".py").replace("/", "."))
    made_in = {
        base.__module__
        for thing in RUNS_OVER[contract](tests)
        for base in (inspect.getmro(thing) if inspect.isclass(thing) else [thing])
    }
    family = {
        f"keras_mtkd.{module.removesuffix('.py').replace('/', '.')}"
        for module in FAMILIES[contract]
    }
    assert family <= made_in
