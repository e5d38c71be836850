import itertools
import shutil

import keras
import numpy as np
import pandas
import pytest
from experiments.comparing import run, small_problem
from problems import tiny_problem

from keras_mtkd.datasets import digits
from keras_mtkd.experiments import (
    METHOD_GROUPS,
    METHODS,
    Comparison,
    Settings,
    compare,
    evaluate_tasks,
)
from keras_mtkd.experiments import compare as compare_module
from keras_mtkd.experiments.methods import expand_methods
from keras_mtkd.experiments.rendering import show

METHOD_NAMES = ("single", "uniform", "mtlkd", "logits")


@pytest.fixture(scope="module")
def finished(kept_runs):
    return kept_runs, run(kept_runs, METHOD_NAMES, (0, 1))


@pytest.fixture
def only_teachers(finished, tmp_path):
    """A directory in which the students of seed 0 are still to be trained."""
    source = finished[0] / "seed0" / "teachers"
    shutil.copytree(source, tmp_path / "seed0" / "teachers")
    return tmp_path


def test_table_holds_every_value(finished):
    table = finished[1].table
    assert list(table.columns) == ["method", "seed", "task", "metric", "value"]
    assert set(table["method"]) == set(METHOD_NAMES)
    assert len(table) == 4 * 2 * 3
    assert np.isfinite(table["value"]).all()


def test_students_are_kept_and_give_the_tables_values(finished):
    directory, comparison = finished
    problem = small_problem()
    student = keras.saving.load_model(directory / "seed1" / "mtlkd" / "student.keras")
    scores = evaluate_tasks(student, problem, problem.test)
    rows = comparison.table.query("method == 'mtlkd' and seed == 1")
    for row in rows.itertuples():
        assert scores[row.task][row.metric] == pytest.approx(row.value, rel=1e-5)


def test_methods_start_from_equal_weights_and_see_equal_data(only_teachers, monkeypatch):
    from keras_mtkd.distillers.multi_task_distiller import MultiTaskDistiller

    seen = []

    def spying(self, data, **kwargs):
        seen.append(([np.array(w) for w in self.student.weights], np.array(data[0][0])))
        # What training does to those that come after it.
        data.on_epoch_end()
        keras.utils.set_random_seed(len(seen) + 100)

    monkeypatch.setattr(MultiTaskDistiller, "fit", spying)
    run(only_teachers, ("uniform", "mtlkd"))
    (weights, batch), (other_weights, other_batch) = seen
    np.testing.assert_array_equal(batch, other_batch)
    for a, b in zip(weights, other_weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_second_run_trains_nothing(finished, monkeypatch):
    directory, comparison = finished

    def refuse(*args, **kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr("keras_mtkd.teachers.train._train", refuse)
    monkeypatch.setattr("keras_mtkd.experiments.method.Method.train", refuse)
    again = run(directory, METHOD_NAMES, (0, 1))
    pandas.testing.assert_frame_equal(again.table, comparison.table)


def test_an_interrupted_run_goes_on(only_teachers, monkeypatch):
    from keras_mtkd.experiments.method import Method

    runs = []

    def interrupted(self, problem, *args, **kwargs):
        runs.append(self.title)
        if len(runs) == 2:
            raise KeyboardInterrupt
        return problem.student()  # What training would make of it does not matter here.

    monkeypatch.setattr(Method, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(only_teachers, METHOD_NAMES)
    run(only_teachers, METHOD_NAMES)
    assert runs == ["Uniform", "MTLKD", "MTLKD", "Logits"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"settings": Settings(epochs=2, learning_rate=1e-2, weight=2.0)}, "weight"),
        ({"settings": Settings(epochs=3, learning_rate=1e-2)}, "epochs"),
        ({"split": "validation"}, "split"),
        ({"problem": small_problem(width=9)}, "backbone"),
    ],
    ids=["weight", "epochs", "split", "backbone"],
)
def test_results_made_otherwise_are_refused(finished, change, reason):
    with pytest.raises(ValueError, match=f"made under other conditions.*{reason}"):
        run(finished[0], **change)


def test_validation_data_serves_where_there_is_no_test_data():
    comparison = run(problem=small_problem(test=False), methods=("single",))
    assert len(comparison.table) == 3


def test_bad_arguments():
    with pytest.raises(ValueError, match="no method 'magic'. Known: single, uniform, mtlkd"):
        run(methods=("magic",))
    with pytest.raises(ValueError, match="Received: split='train'"):
        run(split="train")
    with pytest.raises(TypeError, match="`part` is called `split` since 0.2: pass `split='test'`"):
        run(part="test")
    with pytest.raises(ValueError, match="at least one method and one seed"):
        run(seeds=())
    with pytest.raises(ValueError, match="`learning_rate` must be positive"):
        Settings(learning_rate=0.0)


def test_progress_names_seed_and_method(finished, capsys):
    run(finished[0], ("uniform", "mtlkd"), (0, 1))
    text = capsys.readouterr().out
    assert "Seed 1 of 2: single-task teachers" in text
    assert "Seed 2 of 2, method 2 of 2: MTLKD" in text


class TestComparison:
    ROWS = (
        ("single", 0, "a", "accuracy", 0.8),
        ("single", 1, "a", "accuracy", 0.8),
        ("single", 0, "b", "mae", 0.4),
        ("single", 1, "b", "mae", 0.6),
        ("mtlkd", 0, "a", "accuracy", 0.88),
        ("mtlkd", 1, "a", "accuracy", 0.72),
        ("mtlkd", 0, "b", "mae", 0.45),
        ("mtlkd", 1, "b", "mae", 0.35),
        ("mtlkd", 1, "b", "r2", 0.99),
    )

    def comparison(self, methods=("single", "mtlkd")):
        columns = ("method", "seed", "task", "metric", "value")
        rows = [dict(zip(columns, row, strict=True)) for row in self.ROWS]
        return Comparison(tiny_problem().tasks, methods, rows)

    def test_summary_is_mean_and_standard_error(self):
        summary = self.comparison().summary()
        assert summary.loc["mtlkd", ("a", "mean")] == pytest.approx(0.8)
        assert summary.loc["mtlkd", ("a", "se")] == pytest.approx(0.08)
        # Seed 0: (+10 % and +10 %) / 2, seed 1: (-10 % and +30 %) / 2, against 0.8 and 0.5.
        assert summary.loc["mtlkd", ("Δ_MTL", "mean")] == pytest.approx(10.0)
        assert summary.loc["mtlkd", ("Δ_MTL", "se")] == pytest.approx(0.0)
        assert summary.loc["single", ("Δ_MTL", "mean")] == pytest.approx(0.0)
        assert summary.loc["single", ("Δ_MTL", "se")] == pytest.approx(10.0)

    def test_single_task_models_are_the_base_even_if_not_shown(self):
        shown = self.comparison(methods=("mtlkd",))
        assert list(shown.summary().index) == ["mtlkd"]
        assert set(shown.table["method"]) == {"mtlkd"}
        assert shown.summary().loc["mtlkd", ("Δ_MTL", "mean")] == pytest.approx(10.0)

    def test_text(self):
        text = str(self.comparison())
        assert "0.800 ±0.080" in text
        assert "10.0 ±0.0" in text
        assert "Single" in text
        assert "b, mae ↓" in text

    def test_no_number_is_cut_in_a_narrow_terminal(self, capsys, monkeypatch):
        monkeypatch.setenv("COLUMNS", "40")
        tasks = digits(train_size=64, validation_size=64, test_size=64).tasks
        methods = ("single", *METHODS)
        rows = [
            {"method": m, "seed": seed, "task": t, "metric": task.score, "value": -0.5 - seed}
            for m, seed, (t, task) in itertools.product(methods, (0, 1), tasks.items())
        ]
        show(Comparison(tasks, methods, rows))
        text = capsys.readouterr().out
        assert text.count("-1.000 ±0.500") == len(tasks) * len(methods)
        assert "…" not in text
        assert all(method.title in text for method in METHODS.values())

    def test_csv(self, tmp_path):
        comparison = self.comparison()
        path = comparison.save_csv(tmp_path / "deep" / "table.csv")
        pandas.testing.assert_frame_equal(pandas.read_csv(path), comparison.table)

    def test_scores_as_csv(self, tmp_path):
        comparison = self.comparison()
        written = pandas.read_csv(comparison.save_scores(tmp_path / "scores.csv"))
        assert list(written["Δ_MTL"]) == pytest.approx(list(comparison.scores()["Δ_MTL"]))

    def test_figure(self, tmp_path):
        path = self.comparison().save_figure(tmp_path / "figure.png")
        assert path.read_bytes().startswith(b"\x89PNG")


def test_the_registry_holds_what_the_documentation_names():
    assert {"uniform", "mtlkd", "logits"} <= set(METHODS)


def test_a_group_is_short_for_its_methods():
    expanded = list(expand_methods(["single", "dwa", "balancing", "mtlkd", "dwa"]))
    assert expanded[:2] == ["single", "dwa"]
    assert expanded[-1] == "mtlkd"
    assert sorted(expanded) == sorted(["single", "mtlkd", *METHOD_GROUPS["balancing"]])
    assert not METHOD_GROUPS.keys() & {*METHODS, "single"}
    assert all(name in METHODS for group in METHOD_GROUPS.values() for name in group)


def test_one_function_under_two_names():
    assert compare_module is compare
