"""The best student, without knowing the methods."""

import json

import keras
import pytest

from experiments.comparing import SETTINGS, small_problem
from keras_mtkd.experiments import choose, compare, evaluate_tasks, sweep


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("choice")
    return folder, choose(small_problem(), None, None, ["mtlkd"], 5, SETTINGS, 0, folder, 0)


def test_the_student_is_the_one_that_was_chosen(found):
    folder, chosen = found
    whole = chosen.choice.trials[-1]
    assert whole.epochs == 2
    assert set(whole.changes) == {"uniform", "mtlkd"}
    assert chosen.choice.epochs == 4
    assert chosen.change == whole.changes[chosen.method] == max(whole.changes.values())
    kept = folder / "seed0" / chosen.method / "student.keras"
    for one, other in zip(
        chosen.student.get_weights(),
        keras.models.load_model(kept, compile=False).get_weights(),
        strict=True,
    ):
        assert (one == other).all()


def test_its_scores_are_those_of_the_comparison(found):
    _, chosen = found
    problem = small_problem()
    measured = evaluate_tasks(chosen.student, problem, problem.validation)
    shown = chosen.comparison.scores().loc["auto-own", 0]
    for task, spec in problem.tasks.items():
        assert shown[task] == pytest.approx(measured[task][spec.score], rel=1e-6)


def test_what_was_tried_is_kept_and_reported(found):
    folder, chosen = found
    kept = json.loads((folder / "seed0" / "auto-own" / "choice.json").read_text())
    assert kept["method"] == chosen.method
    page = chosen.comparison.save_report(folder / "report.html").read_text()
    assert "what was tried, and in bold what was taken" in page


def test_a_method_that_is_compared_as_well_is_trained_once(found):
    folder, chosen = found
    methods = ["single", "uniform", "mtlkd"]
    files = sorted((folder / "seed0").glob("*/result.json"))
    before = [file.stat().st_mtime_ns for file in files]
    again = compare(small_problem(), methods, [0], folder, SETTINGS, "validation", 0)
    assert [file.stat().st_mtime_ns for file in files] == before
    best = again.runs[chosen.method, 0]
    assert best.change == chosen.change


def test_trials_are_short_and_shared(tmp_path):
    """Two values of a setting have a trial each."""
    candidates = sweep("mtlkd", weight=(1.0, 10.0))
    chosen = choose(small_problem(), None, None, candidates, 6, SETTINGS, 0, tmp_path, 0)
    first, whole = chosen.choice.trials
    assert (first.epochs, whole.epochs) == (1, 2)
    assert set(first.changes) == {"mtlkd_weight-1", "mtlkd_weight-10"}
    trials = tmp_path / "trials" / "1_epochs" / "seed0"
    assert {file.parent.name for file in trials.glob("*/result.json")} == set(first.changes)
