import itertools

import numpy as np
import pandas
import pytest
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

SETTINGS = Settings(epochs=2, learning_rate=1e-2)
METHOD_NAMES = ("single", "uniform", "mtlkd", "logits")


def run(directory=None, **kwargs):
    arguments = {"methods": METHOD_NAMES, "seeds": (0, 1), "settings": SETTINGS, **kwargs}
    problem = arguments.pop("problem", None) or tiny_problem()
    return compare(problem, directory=directory, **arguments)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    directory = tmp_path_factory.mktemp("comparison")
    return directory, run(directory)


def test_table_holds_every_value(finished):
    table = finished[1].table
    assert list(table.columns) == ["method", "seed", "task", "metric", "value"]
    assert set(table["method"]) == set(METHOD_NAMES)
    assert len(table) == 4 * 2 * 3
    assert np.isfinite(table["value"]).all()


def test_students_are_kept_and_give_the_tables_values(finished):
    import keras

    directory, comparison = finished
    problem = tiny_problem()
    student = keras.saving.load_model(directory / "seed1" / "mtlkd" / "student.keras")
    scores = evaluate_tasks(student, problem, problem.test)
    rows = comparison.table.query("method == 'mtlkd' and seed == 1")
    for row in rows.itertuples():
        assert scores[row.task][row.metric] == pytest.approx(row.value, rel=1e-5)


def test_methods_start_from_equal_weights_and_see_equal_data(monkeypatch):
    from keras_mtkd.distiller import MultiTaskDistiller

    seen = []
    fit = MultiTaskDistiller.fit

    def spying(self, data, **kwargs):
        if len(self.task_names) > 1:
            seen.append(([np.array(w) for w in self.student.weights], np.array(data[0][0])))
        return fit(self, data, **kwargs)

    monkeypatch.setattr(MultiTaskDistiller, "fit", spying)
    run(methods=("uniform", "mtlkd"), seeds=(5,))
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
    pandas.testing.assert_frame_equal(run(directory).table, comparison.table)


def test_an_interrupted_run_goes_on(tmp_path, monkeypatch):
    from keras_mtkd.experiments.method import Method

    original, runs = Method.train, []

    def interrupted(self, *args, **kwargs):
        runs.append(self.title)
        if len(runs) == 2:
            raise KeyboardInterrupt
        return original(self, *args, **kwargs)

    monkeypatch.setattr(Method, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, seeds=(0,))
    run(tmp_path, seeds=(0,))
    assert runs == ["Uniform", "MTLKD", "MTLKD", "Logits"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"settings": Settings(epochs=2, learning_rate=1e-2, weight=2.0)}, "weight"),
        ({"settings": Settings(epochs=3, learning_rate=1e-2)}, "epochs"),
        ({"part": "validation"}, "part"),
        ({"problem": tiny_problem(width=9)}, "backbone"),
    ],
    ids=["weight", "epochs", "part", "backbone"],
)
def test_results_made_otherwise_are_refused(finished, change, reason):
    with pytest.raises(ValueError, match=f"made under other conditions.*{reason}"):
        run(finished[0], **change)


def test_validation_data_serves_where_there_is_no_test_data():
    comparison = run(problem=tiny_problem(test=False), methods=("single",), seeds=(0,))
    assert len(comparison.table) == 3


def test_bad_arguments():
    with pytest.raises(ValueError, match="no method 'magic'. Known: single, uniform, mtlkd"):
        run(methods=("magic",))
    with pytest.raises(ValueError, match="Received: part='train'"):
        run(part="train")
    with pytest.raises(ValueError, match="at least one method and one seed"):
        run(seeds=())
    with pytest.raises(ValueError, match="`learning_rate` must be positive"):
        Settings(learning_rate=0.0)


def test_progress_names_seed_and_method(capsys):
    run(methods=("uniform", "mtlkd"), seeds=(0, 1))
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
    expanded = expand_methods(["single", "dwa", "balancing", "mtlkd", "dwa"])
    assert expanded[:2] == ["single", "dwa"]
    assert expanded[-1] == "mtlkd"
    assert sorted(expanded) == sorted(["single", "mtlkd", *METHOD_GROUPS["balancing"]])
    assert not METHOD_GROUPS.keys() & {*METHODS, "single"}
    assert all(name in METHODS for group in METHOD_GROUPS.values() for name in group)


def test_one_function_under_two_names():
    assert compare_module is compare
