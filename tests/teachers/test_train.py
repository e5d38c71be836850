import re
import shutil

import numpy as np
import pytest
from helpers import equal_weights, snapshot
from problems import tiny_problem

import keras_mtkd as mtkd


def train(directory=None, problem=None, **kwargs):
    arguments = {"epochs": 1, "learning_rate": 1e-2, "verbose": 0, **kwargs}
    return mtkd.train_teachers(problem or tiny_problem(), directory=directory, **arguments)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Weights of teachers, and the folder that keeps them."""
    folder = tmp_path_factory.mktemp("trained")
    return {task: snapshot(model) for task, model in train(folder).items()}, folder


@pytest.fixture
def kept(trained, tmp_path):
    """A copy of that folder."""
    return shutil.copytree(trained[1], tmp_path, dirs_exist_ok=True)


def test_one_model_a_task_and_training_helps():
    problem = tiny_problem(width=32)
    teachers = train(problem=problem, epochs=4, learning_rate=0.05)
    assert {task: list(model.output) for task, model in teachers.items()} == {
        "a": ["a"],
        "b": ["b"],
    }
    x, y = problem.validation.x, problem.validation.y
    error = np.mean((teachers["b"].predict(x, verbose=0)["b"] - y["b"]) ** 2)
    assert error < 0.5 * np.var(y["b"])


def test_the_seed_decides(trained):
    one, same, other = trained[0], train(), train(seed=4)
    for task in "ab":
        for a, b in zip(one[task], snapshot(same[task]), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
        assert not equal_weights(one[task], snapshot(other[task]))


def test_a_second_call_loads(trained, kept, monkeypatch):
    assert sorted(path.name for path in kept.iterdir()) == ["a", "b"]
    monkeypatch.setattr("keras_mtkd.teachers.train._train", None)
    second = train(kept)
    for task in "ab":
        assert equal_weights(trained[0][task], snapshot(second[task]))


def test_interrupted_training_goes_on_with_the_missing_teacher(tmp_path, monkeypatch):
    from keras_mtkd.teachers import train as module

    trained, original = [], module._train

    def interrupted(problem, tasks, *args):
        if tasks == ["b"] and not trained.count("b"):
            trained.append("b")
            raise KeyboardInterrupt
        trained.extend(tasks)
        return original(problem, tasks, *args)

    monkeypatch.setattr(module, "_train", interrupted)
    monkeypatch.setattr(module, "worth_it", lambda models: False)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path)
    assert set(train(tmp_path)) == {"a", "b"}
    assert trained == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"problem": tiny_problem(width=9)}, "backbone"),
        ({"problem": tiny_problem(name="other")}, "problem: kept 'tiny', now 'other'"),
        ({"problem": tiny_problem(samples=24)}, "data"),
        ({"problem": tiny_problem(units=4)}, "tasks"),
        ({"epochs": 3}, "epochs: kept 1, now 3"),
        ({"seed": 9}, "seed: kept 0, now 9"),
    ],
    ids=["backbone", "problem", "data", "tasks", "epochs", "seed"],
)
def test_teachers_made_otherwise_are_refused_with_the_reason(kept, change, reason):
    with pytest.raises(ValueError, match=f"made under other conditions.*{reason}"):
        train(kept, **change)


def test_damaged_files_are_named(kept):
    (kept / "a" / "teacher.json").write_text("{")
    with pytest.raises(ValueError, match=r"teacher.json' is damaged.*Delete it"):
        train(kept)


def test_bad_arguments():
    with pytest.raises(ValueError, match="`epochs` must be at least 1. Received: epochs=0"):
        train(epochs=0)


def test_progress_names_the_teachers(capsys, kept, monkeypatch):
    (kept / "b" / "teacher.json").unlink()
    monkeypatch.setenv("COLUMNS", "200")
    train(kept, verbose="auto")
    text = capsys.readouterr().out
    assert re.fullmatch(r" 50%  teacher of a: kept from before\n100%  teacher of b: \d+ s\n", text)
    train(kept, verbose=2)
    assert capsys.readouterr().out == "100%  teachers: kept from before\n"
