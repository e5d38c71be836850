"""Tutorials: scripts and executed notebooks belong together. `make tutorials` runs them."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd

FOLDER = Path(__file__).parents[1] / "tutorials"


def number_of(path):
    """10 for `10_text.py`, which its name alone would put before `2_...`."""
    return int(path.stem.split("_")[0])


SCRIPTS = sorted(FOLDER.glob("[0-9]*.py"), key=number_of)
DATASETS = ("datasets.nyuv2(", "datasets.nyuv2_tfds(", "datasets.cityscapes(", "celeb_a")
_LARGEST = 400_000

each_tutorial = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)


def cells_of_script(script):
    """`(kind, text)` of the cells of a percent script."""
    parts = re.split(r"^# %%(.*)\n", script.read_text("utf-8"), flags=re.MULTILINE)
    assert not parts[0].strip(), "text before the first cell"
    cells = []
    for mark, text in zip(parts[1::2], parts[2::2], strict=True):
        text = text.strip("\n")
        if "[markdown]" in mark:
            cells.append(("markdown", re.sub(r"^# ?", "", text, flags=re.MULTILINE)))
        else:
            cells.append(("code", text))
    return cells


def notebook_of(script):
    return json.loads(script.with_suffix(".ipynb").read_text("utf-8"))


def code_cells(script):
    return [cell for cell in notebook_of(script)["cells"] if cell["cell_type"] == "code"]


def namespace_of(script, *names):
    """Functions of a script, without running the rest."""
    found = {"keras": keras, "mtkd": mtkd}
    wanted = "|".join(names)
    for text in re.findall(
        rf"^def (?:{wanted})\(.*?(?=^\S)", script.read_text("utf-8"), re.DOTALL | re.MULTILINE
    ):
        exec(compile(text, script.name, "exec"), found)
    return found


def test_they_are_numbered_and_each_has_its_notebook():
    numbers = [number_of(script) for script in SCRIPTS]
    assert numbers[0] == 1 and len(set(numbers)) == len(numbers)
    assert sorted(FOLDER.glob("*.ipynb"), key=number_of) == [
        script.with_suffix(".ipynb") for script in SCRIPTS
    ]


def test_what_runs_on_both_backends_is_one_tutorial_each():
    conftest = runpy.run_path(str(FOLDER / "conftest.py"))
    found = {
        prefix: [script.stem for script in SCRIPTS if f"{script.stem}.ipynb".startswith(prefix)]
        for prefix in conftest["BOTH_BACKENDS"]
    }
    assert all(len(scripts) == 1 for scripts in found.values()), found
    readme = (FOLDER / "README.md").read_text("utf-8")
    said = re.search(r"(?:^|\s)((?:\d+, )+\d+ and \d+)\s+also\s+run", readme).group(1)
    assert re.findall(r"\d+", said) == [prefix.rstrip("_") for prefix in found]


def test_notebooks_run_on_the_backend_that_pytest_chooses(tmp_path, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    (tmp_path / "conftest.py").write_text(
        (FOLDER / "conftest.py").read_text("utf-8") + "\n\nclass Notebook(pytest.Item):\n"
        "    def runtest(self):\n"
        "        print(f'{self.name} on', os.environ.get('KERAS_BACKEND'))\n"
        "\n\nclass Notebooks(pytest.File):\n"
        "    def collect(self):\n"
        "        yield Notebook.from_parent(self, name=self.path.name)\n"
        "\n\ndef pytest_collect_file(file_path, parent):\n"
        "    if file_path.suffix == '.ipynb':\n"
        "        return Notebooks.from_parent(parent, path=file_path)\n",
        "utf-8",
    )
    names = ("1_first", "3_third", "4_fourth", "10_tenth", "12_twelfth")
    for name in names:
        (tmp_path / f"{name}.ipynb").touch()
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:nbmake", "-p", "no:xdist", "."]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    found = dict(re.findall(r"(\w+)\.ipynb on (\w+)", said))
    on_jax = ("1_first", "10_tenth")
    assert found == {name: "jax" if name in on_jax else "None" for name in names}


def test_the_readme_lists_them_in_order():
    text = (FOLDER / "README.md").read_text("utf-8")
    assert re.findall(r"\((\d+_\w+)\.ipynb\)", text) == [script.stem for script in SCRIPTS]


@each_tutorial
def test_the_notebook_is_made_from_the_script(script):
    cells = [(c["cell_type"], "".join(c["source"])) for c in notebook_of(script)["cells"]]
    assert cells == cells_of_script(script)


@each_tutorial
def test_the_notebook_was_run_from_top_to_bottom(script):
    cells = code_cells(script)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr", "".join(output["text"])


@each_tutorial
def test_it_ends_with_a_picture(script):
    kinds = [set(output.get("data", ())) for output in code_cells(script)[-1]["outputs"]]
    assert any("image/png" in kind for kind in kinds)


@each_tutorial
def test_nothing_of_a_machine_is_in_it(script):
    notebook = notebook_of(script)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    text = script.with_suffix(".ipynb").read_text("utf-8")
    assert len(text) < _LARGEST
    for cell in code_cells(script):
        for output in cell["outputs"]:
            shown = {k: v for k, v in output.get("data", {}).items() if k != "image/png"}
            assert not re.search(
                r"/(tmp|home|root|work|Users)/", json.dumps([shown, output.get("text")])
            )


@each_tutorial
def test_it_begins_with_a_title_and_the_backend_only_if_unset(script):
    cells = cells_of_script(script)
    title, line = cells[0][1].split("\n")[0], cells[0][1].split("\n")[2]
    assert title.startswith("# ") and line.strip()
    assert 'os.environ.setdefault("KERAS_BACKEND", "tensorflow")' in cells[1][1]


@each_tutorial
def test_it_says_what_to_change_for_other_data(script):
    text = script.read_text("utf-8")
    assert "## With other data" in text
    for name in DATASETS:
        assert name in text, name


def test_the_readme_lists_them_all():
    text = (FOLDER / "README.md").read_text("utf-8")
    for script in SCRIPTS:
        assert f"({script.stem}.ipynb)" in text
        assert cells_of_script(script)[0][1].split("\n")[0].removeprefix("# ") in text


@pytest.mark.extra("tensorflow", "tensorflow_datasets")
@pytest.mark.filterwarnings("ignore")
def test_the_problem_of_celeba():
    import tensorflow_datasets as tfds

    script = FOLDER / "3_own_model_and_data.py"
    names = namespace_of(script, "backbone", "celeba")
    with tfds.testing.mock_data(num_examples=8):
        problem = names["celeba"](("Smiling", "Young"), size=32, batch_size=4)
        x, y = next(iter(problem.train))
        x = np.asarray(x)
        assert x.shape == (4, 32, 32, 3)
        assert np.min(x) >= 0 and 0.5 < np.max(x) <= 1
        assert {task: tuple(values.shape) for task, values in y.items()} == {
            "Smiling": (4, 1),
            "Young": (4, 1),
        }
        assert set(np.unique(y["Smiling"])) <= {0.0, 1.0}
        problem.validate()
        student = problem.student()
        assert student(x)["Young"].shape == (4, 1)
        teachers = {task: problem.single(task) for task in problem.tasks}
        ways = [mtkd.FeatureDistillation(tap) for tap in problem.taps]
        distiller = mtkd.MultiTaskDistiller(student, teachers, ways)
        assert len(distiller.adaptors) == len(problem.tasks) * len(problem.taps)
