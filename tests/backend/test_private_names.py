"""What is not public in Keras is named in one place, and stands where that place says."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import documents
import pytest
from attributes import is_own, private_attributes, spelt

import keras_mtkd
from keras_mtkd._backend import keras_compat

PLACE = Path(keras_compat.__file__)
PACKAGE = Path(keras_mtkd.__file__).parent
# Notebooks are made of the tutorials' Python.
BESIDE = [
    path
    for folder in ("tests", "benchmarks", "tutorials")
    for path in sorted((documents.ROOT / folder).rglob("*.py"))
]
SUBCLASSES = "of themselves"


def listed():
    """`(name, file)` of all rows, the file that of the Keras which is installed."""
    heading = None
    for line in keras_compat.__doc__.splitlines():
        if SUBCLASSES in line:
            heading = None
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or set(cells[0]) == {"-"}:
            continue
        if heading is None:
            heading = [tuple(map(int, cell.split("."))) for cell in cells[1:]]
            continue
        files = []
        for cell in cells[1:]:
            files.append(files[-1] if cell == "the same" else re.search(r"`(.+?\.py)`", cell)[1])
        # A later release is held against the latest column.
        known = [
            file
            for release, file in zip(heading, files, strict=True)
            if release <= keras_compat.RELEASE
        ]
        for name in re.findall(r"`([\w.]+)`", cells[0]):
            yield name.rpartition(".")[2], known[-1]


ROWS = list(listed())
# Without an underscore a name may be anybody's. What subclasses override, too, nobody else reads.
ATTRIBUTES = {name for name, _ in ROWS if name.startswith("_")}


def parsed(source, name):
    return list(ast.walk(ast.parse(source, str(name))))


@pytest.fixture(scope="module")
def package():
    """The nodes of all modules, by path; `keras_compat.py` last."""
    paths = sorted(PACKAGE.rglob("*.py"), key=lambda path: (path == PLACE, path))
    return {path: parsed(path.read_text("utf-8"), path) for path in paths}


@pytest.fixture(scope="module")
def beside():
    """The nodes of what uses the package: tests, benchmarks, tutorials, and the pages' examples."""
    found = {path: parsed(path.read_text("utf-8"), path) for path in BESIDE}
    for page in (documents.README, *documents.PAGES):
        found[page] = [
            node for part in documents.blocks(page, "python") for node in parsed(part, page)
        ]
    return found


def sources(node):
    """What a node takes out of `keras.src`, by import, attribute or name of a module."""
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    elif isinstance(node, ast.Attribute):
        names = [ast.unparse(node)]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        names = [node.value]
    return [name for name in names if re.match(r"keras\.src(\.|$)", name)]


def private(nodes):
    """What nodes other than those of `keras_compat.py` should have asked of it, by line."""
    found = [(node.lineno, name) for node in nodes for name in sources(node)]
    read = [(node, node.attr) for node in private_attributes(nodes) if not is_own(node)]
    return found + [
        (node.lineno, ast.unparse(node))
        for node, name in (*read, *spelt(nodes))
        if name in ATTRIBUTES
    ]


def made(nodes):
    """Every name that nodes define, import, or store, in whatever object."""
    for node in nodes:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name for alias in node.names)


@pytest.mark.parametrize(
    "source",
    [
        "import keras.src.losses",
        "from keras.src import ops",
        "from keras import src",
        "import keras\nkeras.src.ops.Node",
        "importlib.import_module('keras.src.ops')",
        "model.optimizer._learning_rate",
        "self.student._flatten_layers()",
        "type(self)._flatten_layers",
        "getattr(model, '_distribute_strategy', None)",
        "self.model._obj_type()",
        "self.model._maybe_symbolic_build()",
    ],
)
def test_the_walk_finds(source):
    assert private(parsed(source, "example"))


@pytest.mark.parametrize(
    "source",
    ["import keras.losses", "self._learning_rate", "super()._flatten_layers()", "x.learning_rate"],
)
def test_the_walk_passes_over(source):
    assert not private(parsed(source, "example"))


def test_the_package_asks_for_private_names_in_one_place(package):
    elsewhere = {path.name: private(nodes) for path, nodes in package.items() if path != PLACE}
    assert len(elsewhere) > 50
    assert {name: found for name, found in elsewhere.items() if found} == {}


def test_what_is_beside_the_package_asks_for_none(beside):
    # This file names what it looks for.
    others = {path: nodes for path, nodes in beside.items() if path != Path(__file__)}
    found = {documents.name_of(path): private(nodes) for path, nodes in others.items()}
    assert {name: uses for name, uses in found.items() if uses} == {}


def test_every_private_name_in_use_is_listed(package):
    nodes = [node for each in package.values() for node in each]
    read = [node.attr for node in private_attributes(nodes) if isinstance(node.ctx, ast.Load)]
    imports = [node for node in package[PLACE] if isinstance(node, ast.ImportFrom)]
    imported = [name.rpartition(".")[2] for node in imports for name in sources(node)]
    foreign = {*read, *imported} - set(made(nodes))
    stored = {
        node.attr
        for node in private_attributes(package[PLACE])
        if isinstance(node.ctx, ast.Store) and not is_own(node)
    }
    assert foreign | stored <= {name for name, _ in ROWS}


def test_every_listed_name_is_in_use(package):
    nodes = [node for each in package.values() for node in each]
    read = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    used = {*read, *made(nodes), *(name for _, name in spelt(nodes))}
    assert {name for name, _ in ROWS} <= used


@pytest.mark.parametrize(("name", "file"), ROWS)
def test_names_stand_where_the_table_says(name, file):
    module = importlib.import_module(f"keras.src.{file[:-3].replace('/', '.')}")
    assert inspect.getsourcefile(module).endswith(f"keras/src/{file}")
    assert name in set(made(parsed(inspect.getsource(module), file)))
    if hasattr(module, name):
        assert inspect.getsourcefile(getattr(module, name)) == inspect.getsourcefile(module)
