"""Tutorials: scripts and executed notebooks belong together. `make tutorials` runs them."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd

FOLDER = Path(__file__).parents[1] / "tutorials"
SCRIPTS = sorted(FOLDER.glob("[0-9]*.py"))
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


def test_there_are_seven_in_order():
    assert [script.stem[0] for script in SCRIPTS] == list("1234567")
    assert [path.stem for path in sorted(FOLDER.glob("*.ipynb"))] == [s.stem for s in SCRIPTS]


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
