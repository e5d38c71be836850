"""What is built and installed: complete, described, and useful without extras."""

import email
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from helpers import BACKEND

import keras_mtkd

# A bare installation has JAX, whatever backend the tests themselves run on.
pytestmark = [
    pytest.mark.skipif(BACKEND == "jax", reason="the same on both backends"),
    pytest.mark.extra("build"),
]

ROOT = Path(__file__).parents[1]
SOURCES = {
    str(path.relative_to(ROOT))
    for path in (ROOT / "keras_mtkd").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}
# What a use needs that is not in a bare installation, and what it then says.
NEEDS = {
    "mtkd.datasets.digits()": ("sklearn", "datasets"),
    "mtkd.datasets.tox21()": ("rdkit", "molecules"),
    "mtkd.experiments.compare(problem)": ("pandas", "cli"),
    "mtkd.plots.plot_similarity(np.eye(2), ['a', 'b'])": ("matplotlib", "plots"),
    "mtkd.tuning.DistillationHyperModel(problem)": ("keras_tuner", "tuner"),
}
PROBLEM = """
import keras, numpy as np, keras_mtkd as mtkd

def data():
    x = np.random.default_rng(0).normal(size=(16, 6)).astype("float32")
    return mtkd.datasets.ArrayDataset(x, {"a": x[:, :1], "b": x[:, 1:2]}, batch_size=8)

def backbone():
    inputs = keras.Input((6,))
    return keras.Model(inputs, keras.layers.Dense(4, "relu", name="features")(inputs))

def task(name):
    head = lambda: keras.layers.Dense(1)
    return mtkd.Task(name, head, "mse", ["mae"], higher_is_better=False)

problem = mtkd.Problem("tiny", [task("a"), task("b")], backbone, data(), data())
"""
DISTIL = """
teachers = mtkd.train_teachers(problem, epochs=1, verbose=0)
student = problem.student()
distiller = mtkd.MultiTaskDistiller(student, teachers, [mtkd.FeatureDistillation("features")])
distiller.compile("adam", loss=problem.losses(), metrics=problem.metrics())
history = distiller.fit(problem.train, epochs=2, verbose=0).history
assert np.isfinite(history["loss"]).all(), history
student.save("student.keras")
keras.models.load_model("student.keras")
"""


def call(*command, **options):
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Source archive and wheel, each built once, from what `pyproject.toml` asks for."""
    folder = tmp_path_factory.mktemp("dist")
    code, said = call(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    assert code == 0, said[-3000:]
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """A fresh environment with the wheel, what it requires, JAX, and no extra."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=True)
    code, said = call(folder / "bin" / "python", "-m", "pip", "install", "-q", f"{wheel}[jax]")
    assert code == 0, said[-3000:]
    return folder / "bin"


def in_bare(bare, folder, *command):
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "KERAS_BACKEND")}
    return call(*command, cwd=folder, env={**kept, "KERAS_BACKEND": "jax"})


@pytest.mark.slow
def test_the_wheel_holds_every_source_the_types_and_the_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        described = email.message_from_bytes(archive.read(metadata))
        entry = archive.read(metadata.replace("METADATA", "entry_points.txt")).decode()
    assert {name for name in names if ".dist-info/" not in name} == SOURCES
    assert "keras_mtkd/py.typed" in names
    assert any(name.endswith("LICENSE") for name in names)
    assert "keras-mtkd = keras_mtkd.__main__:main" in entry
    assert described["Name"] == "keras-mtkd"
    assert described["Version"] == keras_mtkd.__version__
    assert (described["License-Expression"] or described["License"]) == "Apache-2.0"
    assert described["Requires-Python"] == ">=3.11"
    assert described["Description-Content-Type"] == "text/markdown"
    assert described.get_payload().startswith("# keras_mtkd")
    bare = [need for need in described.get_all("Requires-Dist") if "extra ==" not in need]
    assert sorted(need.split(">")[0] for need in bare) == ["keras", "numpy", "rich"]


@pytest.mark.slow
@pytest.mark.extra("trove_classifiers")
def test_classifiers_are_those_of_the_index(wheel):
    from trove_classifiers import classifiers as known

    with zipfile.ZipFile(wheel) as archive:
        metadata = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        described = email.message_from_bytes(archive.read(metadata))
    assert set(described.get_all("Classifier")) <= known


@pytest.mark.slow
def test_the_source_archive_holds_what_builds_and_what_tests(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = call("git", "ls-files", cwd=ROOT)[1].split()
    ours = {name for name in tracked if not name.startswith((".ci/", ".git"))}
    assert ours <= names, sorted(ours - names)


@pytest.mark.slow
def test_a_bare_installation_distils(bare, tmp_path):
    code, said = in_bare(
        bare, tmp_path, bare / "python", "-W", "error::ImportWarning", "-c", PROBLEM + DISTIL
    )
    assert code == 0, said[-3000:]
    assert (tmp_path / "student.keras").exists()


@pytest.mark.slow
def test_a_bare_installation_names_what_is_missing(bare, tmp_path):
    prepared = PROBLEM + (
        "def said(use):\n"
        "    try:\n"
        "        eval(use)\n"
        "    except ImportError as error:\n"
        "        return str(error)\n"
        f"for use in {list(NEEDS)!r}:\n"
        "    print(use, '=>', said(use))\n"
    )
    code, output = in_bare(bare, tmp_path, bare / "python", "-c", prepared)
    assert code == 0, output[-3000:]
    said = dict(line.split(" => ") for line in output.splitlines() if " => " in line)
    for use, (module, extra) in NEEDS.items():
        assert f"This needs {module}" in said[use], (use, said[use])
        assert f"The extra '{extra}' of keras-mtkd brings it" in said[use], (use, said[use])


@pytest.mark.slow
def test_the_command_of_a_bare_installation_names_its_extra(bare, tmp_path):
    for command in ([bare / "keras-mtkd"], [bare / "python", "-m", "keras_mtkd"]):
        code, said = in_bare(bare, tmp_path, *command, "demo")
        assert code == 1
        assert "This needs typer, which is not installed" in said
        assert "pip install 'typer>=" in said
        assert "Traceback" not in said


@pytest.mark.slow
def test_a_type_checker_sees_the_types_of_an_installed_copy(bare, tmp_path):
    (tmp_path / "use.py").write_text(
        "import keras_mtkd as mtkd\n"
        "names: list[str] = mtkd.experiments.known_methods()\n"
        "wrong: int = mtkd.metrics.delta_mtl({}, {}, {})\n"
        "mtkd.layers.GradientBalancer\n"
        "mtkd.Tusk\n"
    )
    pytest.importorskip("mypy")
    code, said = call(
        *(sys.executable, "-m", "mypy", "--python-executable", bare / "python"),
        *("--ignore-missing-imports", "use.py"),
        cwd=tmp_path,
    )
    assert code == 1, said
    assert 'expression has type "float", variable has type "int"' in said
    assert 'Module has no attribute "GradientBalancer"' in said
    assert 'Module has no attribute "Tusk"' in said
    assert "Found 3 errors" in said
