"""The Python in README and docs runs; links lead somewhere; figures stand where they come from."""

import re

import documents
import keras
import pytest

from keras_mtkd.datasets.loading import PROBLEMS

ALL = [documents.README, *documents.PAGES]
# What is exported is a trace. Converters warn of what will be different in other packages.
MARKS = {
    # Hundreds of steps.
    **{name: [pytest.mark.traced] for name in ("text", "class_imbalance", "tables")},
    "export": [
        pytest.mark.traced,
        pytest.mark.filterwarnings("ignore::FutureWarning"),
        pytest.mark.filterwarnings("ignore::UserWarning"),
    ],
}
# What a block says that takes packages of its own on TensorFlow, and those packages.
EXTRA = {
    'format="onnx"': ("onnx", "tf2onnx", "onnxruntime"),
    'format="litert"': ("ai_edge_litert",),
    "import optuna": ("optuna",),
}
# Pages whose code could come out differently on another backend. That of the other pages is tested
# in parts on both; as pages they run on TensorFlow, where nothing has to be compiled first.
BOTH_BACKENDS = ("getting_started", "faq", "scale", "export", "scd", "balancing")
if keras.backend.backend() == "jax":
    # A dozen programs each.
    MARKS |= {"faq": pytest.mark.slow, "balancing": pytest.mark.slow}
PYTHON = [
    pytest.param(page, marks=MARKS.get(page.stem, ()), id=documents.name_of(page))
    for page in documents.PAGES
    if documents.blocks(page, "python")
    and (page.stem in BOTH_BACKENDS or keras.backend.backend() == "tensorflow")
]
# Less of the same; what is shown for a machine with devices is tried on two of this processor.
SMALLER = {
    "max_trials=2": "max_trials=1",
    "seeds=(0, 1)": "seeds=(0,)",
    "datasets.digits()": "datasets.digits(train_size=256, validation_size=64, test_size=64)",
    "datasets.digits(width=64)": "datasets.digits(256, 64, 64)",
    "train_size=256": "train_size=64",
    "data(2000, 0)": "data(256, 0)",
    "data(2000, 3)": "data(256, 3)",
    "train=data(512, 0)": "train=data(64, 0)",
    "size=(512, ": "size=(192, ",
    "(classes, 600)": "(classes, 64)",
    "Settings(epochs=2)": "Settings(epochs=1)",
    '["uniform", "mtlkd-fill"]': '["mtlkd-fill"]',
    "epochs=4": "epochs=2",
    "epochs=5": "epochs=1",
    "epochs=15": "epochs=1",
    "epochs=20": "epochs=1",
    "MirroredStrategy()": 'MirroredStrategy(["CPU:0", "CPU:1"])',
}
# Pages that quote figures of other pages, and those that the figures come from.
QUOTING = [documents.README, *(documents.DOCS / f"{name}.md" for name in ("decision", "faq"))]
SOURCES = ("results", "dense", "benchmarks", "scale")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("teachers")


@pytest.fixture
def _quick(kept, monkeypatch):
    documents.train_teachers_once(monkeypatch, kept)
    documents.ask_fewer_questions(monkeypatch)


def run(parts, name):
    names = {}
    for part in parts:
        for long, short in SMALLER.items():
            part = part.replace(long, short)
        exec(compile(part, name, "exec"), names)


@pytest.mark.traced
@pytest.mark.usefixtures("_quick")
def test_readme_runs_with_fewer_epochs_and_less_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = documents.blocks(documents.README, "python")
    assert len(parts) >= 2
    assert parts[0].count("epochs=15") == 2
    run([re.sub(r"epochs=\d+", "epochs=1", part) for part in parts], "README.md")
    assert (tmp_path / "student.keras").exists()


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("page", PYTHON)
def test_pages_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = documents.blocks(page, "python")
    if keras.backend.backend() == "tensorflow":
        # The whole page is tried below.
        parts = [part for part in parts if not packages(part)]
    run(parts, page.name)


def packages(text):
    return [name for said, names in EXTRA.items() if said in text for name in names]


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="on TensorFlow alone")
@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(*page.values, marks=[*page.marks, pytest.mark.extra(*names)], id=page.id)
        for page in PYTHON
        if (names := packages(page.values[0].read_text("utf-8")))
    ],
)
def test_pages_run_with_all_packages(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(documents.blocks(page, "python"), page.name)


@pytest.mark.parametrize("page", ALL, ids=documents.name_of)
def test_blocks_are_python_or_commands_which_tests_run(page):
    assert {language for language, _ in documents.fences(page)} <= {"python", "bash"}
    assert page.read_text("utf-8").count("```") == 2 * len(documents.fences(page))


@pytest.mark.parametrize("page", ALL, ids=documents.name_of)
def test_links_and_pictures_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", QUOTING, ids=documents.name_of)
def test_figures_are_those_of_the_tables(page):
    text = " ".join((documents.DOCS / f"{name}.md").read_text("utf-8") for name in SOURCES)
    figures = re.findall(r"[−+]?\d+\.\d+ ±\d+\.\d+", page.read_text("utf-8"))
    assert page.stem == "faq" or len(figures) > 5
    for figure in figures:
        assert figure in " ".join(text.split()), figure


def test_the_readme_names_problems_that_exist():
    text = documents.README.read_text("utf-8")
    named = re.findall(r"`([\w-]+)`", text.partition("lists the problems.")[2].partition(")). ")[0])
    assert len(named) > 2
    assert set(named) <= PROBLEMS.keys()


def test_the_builds_of_the_next_keras_are_those_of_the_makefile():
    makefile = (documents.ROOT / "Makefile").read_text("utf-8")
    builds = re.findall(
        r"^(?:KERAS|TENSORFLOW|JAX)_NEXT \?= [\w-]+==(\S+)$", makefile, re.MULTILINE
    )
    page = (documents.DOCS / "keras.md").read_text("utf-8")
    assert len(builds) == 3
    assert all(build in page for build in builds)
